"""A collector as a job's driver meets it: reached, a sparkledger collector, token taken, clocks alike, batches coming."""

from __future__ import annotations

import re
import ssl
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

import httpx

from sparkledger.cli.doctor_checks.check import Check

_TIMEOUT = httpx.Timeout(30, connect=5)
"""A collector that is busy accepts at once and answers late."""
MOST_SKEW_S = 60.0
"""Beyond it, times of runs no longer agree with those of the collector's own pages."""
_LAST_INSERT = re.compile(r"^sparkledger_last_insert_timestamp_seconds (\S+)$", re.MULTILINE)
_PROBE_TYPE = "application/x-sparkledger-probe"
"""No type that the collector takes: it checks the token first and refuses the type then, so that a probe leaves nothing in the store."""


def collector(url: str, token: str | None, authority: str | None = None) -> Iterator[Check]:
    """The checks of one collector, in the order in which a job would fail; ends with the first that makes the others pointless.

    Args:
        url: its address, as `spark.sparkledger.url` has it.
        token: what a job would send, None for nothing.
        authority: a PEM file with the authorities to trust for `https`, in place of this machine's own.
    """
    base = url.rstrip("/").removesuffix("/api/v1/events")
    try:
        verify = ssl.create_default_context(cafile=authority)
    except (OSError, ssl.SSLError) as error:
        yield Check("collector", False, f"`{authority}` holds no authorities: {error}", "spark.sparkledger.tls.ca names a PEM file")
        return
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with httpx.Client(verify=verify, timeout=_TIMEOUT, headers=headers, trust_env=False) as client:
        try:
            answer = client.get(f"{base}/healthz")
            answered_at_s = time.time()
            reached = identified(base, answer)
            yield reached
            if reached.good:
                yield token_taken(client.post(f"{base}/api/v1/events", content=b"", headers={"Content-Type": _PROBE_TYPE}), token)
                yield clock(answer.headers.get("date", ""), answered_at_s)
                yield last_batch(client.get(f"{base}/metrics").text, time.time())
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            yield unreached(base, error)


def unreached(url: str, error: Exception) -> Check:
    """No answer, and why."""
    reason = str(error) or type(error).__name__
    if "CERTIFICATE_VERIFY_FAILED" in reason:
        return Check("collector", False, f"{url}: {reason}", "name its authority in spark.sparkledger.tls.ca, a PEM file")
    if isinstance(error, (httpx.UnsupportedProtocol, httpx.InvalidURL)):
        return Check("collector", False, f"`{url}` is no http or https address", "write it as http://HOST:8428")
    return Check("collector", False, f"no answer from {url}: {reason}", "is it up, and do firewalls let this machine through to its port?")


def identified(url: str, answer: httpx.Response) -> Check:
    """Whether what answers is a collector: a proxy's page is an answer too."""
    try:
        alive = answer.is_success and answer.json()["status"] == "ok"
    except (ValueError, KeyError, TypeError):
        alive = False
    if alive:
        return Check("collector", True, f"reached {url}")
    finding = f"{url}/healthz answers {answer.status_code} as no collector does"
    return Check("collector", False, finding, "is this the collector's address, or that of a proxy before it?")


def token_taken(answer: httpx.Response, token: str | None) -> Check:
    """Whether a job's batches would be let in. The token itself is not shown."""
    if answer.status_code in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
        finding = "refused: the token is not the collector's" if token else "refused: the collector asks for a token"
        return Check("token", False, finding, "set SPARKLEDGER_TOKEN, or spark.sparkledger.token.file for jobs")
    return Check("token", True, "accepted" if token else "none needed")


def clock(date: str, now_s: float) -> Check:
    """This machine's clock against the collector's, which answers in whole seconds."""
    try:
        skew_s = now_s - parsedate_to_datetime(date).timestamp()
    except ValueError:
        return Check("clock", True, "the collector does not say its time", needed=False)
    apart = f"{abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} the collector's"
    good = abs(skew_s) <= MOST_SKEW_S
    finding = "within 2 s of the collector's" if abs(skew_s) < 2 else apart
    return Check("clock", good, finding, "" if good else "set both clocks by NTP: runs would be shown at wrong times", needed=False)


def last_batch(metrics: str, now_s: float) -> Check:
    """When the collector last stored something."""
    found = _LAST_INSERT.search(metrics)
    if found is None:
        return Check("last batch", False, "the collector does not say", "is /metrics behind a proxy that refuses it?", needed=False)
    at_s = float(found[1])
    if not at_s:
        hint = "start a job with the flags of `sparkledger conf`; its driver's log says `sparkledger: listening`"
        return Check("last batch", False, "none since the collector started", hint, needed=False)
    return Check("last batch", True, f"{max(now_s - at_s, 0):.0f} s ago", needed=False)
