"""Reading analyses what is new: an answer never shows an older state than the events that were acknowledged before it.

A handful of applications is analysed before a list is answered. After a large import there are thousands: then the list shows what is
known, says how many wait, and leaves them to whoever analyses in the background.
"""

from __future__ import annotations

import threading
import time

from analyzer.api.ledger import Ledger
from analyzer.api.times import END_OF_TIME_MS
from analyzer.pipeline import analyse
from collector.storage import load_sql

PATIENCE_S = 10.0
"""How long a request that lists applications waits for analyses, its own or another's; the answer says how many still wait."""
HANDFUL = 8
"""Applications that a list analyses itself where others do so in the background."""
RUNNING_EVERY_S = 30
"""A run that has not ended is analysed again at most this often in the background and by requests that list applications."""
_COUNTED_AT_MOST = 1000
_LOCKS = tuple(threading.Lock() for _ in range(64))
"""An application is analysed by one thread at a time; which lock is its own follows from its id."""


def ensure_analysed(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    """Analyse one application attempt if data came since it was last analysed."""
    with _lock_of(app_id, attempt_id):
        _analyse_if_stale(ledger, app_id, attempt_id)


def analyse_pending(ledger: Ledger) -> int:
    """Analyse the newest applications that have new data; returns how many still wait (counted to a thousand).

    Past `PATIENCE_S` a list shows what is known rather than hang. A run that goes on and was analysed before does not count as waiting:
    there is always more to come of it.
    """
    deadline = time.monotonic() + PATIENCE_S
    if ledger.catch_up is None:
        close_silent(ledger, HANDFUL)
    due = _due(ledger)
    left = sum(not going_on for _, _, going_on in due)
    if len(due) > HANDFUL and ledger.catch_up is not None:
        ledger.catch_up()
        return left
    for app_id, attempt_id, going_on in due:
        lock = _lock_of(app_id, attempt_id)
        if not lock.acquire(timeout=max(0.0, deadline - time.monotonic())):
            break
        try:
            _analyse_if_stale(ledger, app_id, attempt_id)
        finally:
            lock.release()
        left -= not going_on
        if time.monotonic() >= deadline:
            break
    return left


def pending_applications(ledger: Ledger, started_before_ms: int = END_OF_TIME_MS) -> list[tuple[str, str]]:
    """(app_id, attempt_id) of applications that are due for an analysis, a thousand at most.

    Those first that no analysis knows or that have ended, the newest data first. Those that are known to have started at
    `started_before_ms` (Unix ms) or later are left out.
    """
    return [(app_id, attempt_id) for app_id, attempt_id, _ in _due(ledger, started_before_ms)]


def _due(ledger: Ledger, started_before_ms: int = END_OF_TIME_MS) -> list[tuple[str, str, bool]]:
    """The same, each with whether it goes on and was analysed before: such a run is due only once its analysis is `RUNNING_EVERY_S` old."""
    parameters = {
        "analysed_before_ms": int((time.time() - RUNNING_EVERY_S) * 1000),
        "started_before_ms": started_before_ms,
        "no_bound_ms": END_OF_TIME_MS,
        "rows": _COUNTED_AT_MOST,
    }
    rows = ledger.whole.rows(load_sql(__file__, "pending"), parameters)
    # The analysis of a run that goes on may be older than its end, which must not wait for the rest that such a run is given.
    going_on = sorted({row["app_id"] for row in rows if row["going_on"]})
    ends = ledger.whole.rows(load_sql(__file__, "ends"), {"app_ids": going_on}) if going_on else []
    ended = {(row["app_id"], row["attempt_id"]) for row in ends}
    due = []
    for row in rows:
        goes_on = row["going_on"] and (row["app_id"], row["attempt_id"]) not in ended
        if row["rested"] or not goes_on:
            due.append((row["app_id"], row["attempt_id"], goes_on))
    return due


def close_silent(ledger: Ledger, limit: int = _COUNTED_AT_MOST) -> list[tuple[str, str]]:
    """Mark applications as lost that have no end and that nothing came of for `lost_after_min`, `limit` at most; returns which.

    They are analysed anew, so that profile, findings and completeness say the same. What comes later makes them stale, and the analysis
    that follows opens them again.
    """
    silent_since_ms = int((time.time() - ledger.options.lost_after_min * 60) * 1000)
    rows = ledger.whole.rows(load_sql(__file__, "silent"), {"silent_since_ms": silent_since_ms, "rows": limit})
    closed = [(row["app_id"], row["attempt_id"]) for row in rows]
    for app_id, attempt_id in closed:
        with _lock_of(app_id, attempt_id):
            _analyse(ledger, app_id, attempt_id)
    return closed


def _lock_of(app_id: str, attempt_id: str) -> threading.Lock:
    return _LOCKS[hash((app_id, attempt_id)) % len(_LOCKS)]


def _analyse_if_stale(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    if ledger.whole.rows(load_sql(__file__, "stale"), {"app_id": app_id, "attempt_id": attempt_id})[0]["stale"]:
        _analyse(ledger, app_id, attempt_id)


def _analyse(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    options = ledger.options
    analyse(
        ledger.whole,
        app_id,
        attempt_id,
        price_book=options.price_book,
        thresholds=options.thresholds,
        teams=options.teams,
        severity_floors_usd=options.severity_floors_usd,
        lost_after_min=options.lost_after_min,
    )
