"""How much one token may send and ask for a second."""

from __future__ import annotations

import math
import time
from collections import OrderedDict
from collections.abc import Callable

from collector.api.errors import refusal

BURST_S = 10.0
"""What was not used of the last seconds may be used at once."""
_HOLDERS_REMEMBERED = 10_000


class Rate:
    """A budget a second for each holder, by a bucket that fills steadily. A holder may overdraw once, and then waits it out.

    So an amount that is known only afterwards, such as a body's size, can be charged when it is known.
    """

    def __init__(self, a_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._a_second = a_second
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, holder: str) -> float:
        """Seconds until the holder may go on; 0 now."""
        return max(0.0, -self._left(holder) / self._a_second)

    def charge(self, holder: str, amount: float) -> None:
        """Take an amount from the holder's budget."""
        self._buckets[holder] = (self._left(holder) - amount, self._clock())
        self._buckets.move_to_end(holder)
        if len(self._buckets) > _HOLDERS_REMEMBERED:
            self._buckets.popitem(last=False)

    def _left(self, holder: str) -> float:
        full = self._a_second * BURST_S
        left, at_s = self._buckets.get(holder, (full, 0.0))
        return min(full, left + max(0.0, self._clock() - at_s) * self._a_second)


class RateLimits:
    """Limits of requests and of bytes; None for no limit. For the event loop's thread only."""

    def __init__(self, requests_per_s: float | None, bytes_per_s: float | None) -> None:
        self._requests = Rate(requests_per_s) if requests_per_s else None
        self._bytes = Rate(bytes_per_s) if bytes_per_s else None

    def admit(self, holder: str) -> None:
        """Count a request. Raises a 429 where the holder has used up its budget of requests or bytes."""
        for rate, what in ((self._requests, "requests"), (self._bytes, "bytes")):
            wait_s = rate.wait_s(holder) if rate else 0.0
            if wait_s > 0:
                hint = "wait as long as Retry-After says; the limits are `rates` in the server's settings"
                raise refusal(429, "rate_limited", f"this token has sent too many {what}", hint, retry_after_s=math.ceil(wait_s))
        if self._requests:
            self._requests.charge(holder, 1)

    def charge_bytes(self, holder: str, size_bytes: int) -> None:
        """Count bytes that came."""
        if self._bytes:
            self._bytes.charge(holder, size_bytes)
