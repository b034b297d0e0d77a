"""The time that rows are stamped with. It never goes back while the process lives."""

from __future__ import annotations

import threading
from datetime import datetime, timezone

_lock = threading.Lock()
_latest = datetime.min.replace(tzinfo=timezone.utc)


def steady_now() -> datetime:
    """Now in UTC, or the latest time that was given before where the machine's clock was set back.

    What is newer is decided by these stamps: which row replaces which, and whether data came after an analysis. With a clock
    that goes back, data that comes after an analysis would seem to be older and wait for the clock to catch up.
    """
    global _latest
    with _lock:
        _latest = max(_latest, datetime.now(timezone.utc))
        return _latest
