"""Reading analyses what is new: an answer never shows an older state than the events that were acknowledged before it."""

from __future__ import annotations

import threading
import time

from analyzer.api.ledger import Ledger
from analyzer.pipeline import analyse
from collector.storage import load_sql

PATIENCE_S = 10.0
"""How long a request that lists applications waits for analyses, its own or another's; the answer says how many still wait."""
RUNNING_EVERY_S = 30
"""A run that has not ended is analysed again at most this often by requests that list applications."""
_COUNTED_AT_MOST = 1000

_one_at_a_time = threading.Lock()


def ensure_analysed(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    """Analyse one application attempt if data came since it was last analysed."""
    parameters = {"app_id": app_id, "attempt_id": attempt_id}
    with _one_at_a_time:
        if ledger.whole.rows(load_sql(__file__, "stale"), parameters)[0]["stale"]:
            _analyse(ledger, app_id, attempt_id)


def analyse_pending(ledger: Ledger) -> int:
    """Analyse the newest applications that have new data; returns how many still wait (counted to a thousand).

    Past `PATIENCE_S` a list shows what is known rather than hang.
    """
    deadline = time.monotonic() + PATIENCE_S
    analysed_before_ms = int((time.time() - RUNNING_EVERY_S) * 1000)
    parameters = {"analysed_before_ms": analysed_before_ms, "rows": _COUNTED_AT_MOST}
    mine = _one_at_a_time.acquire(timeout=PATIENCE_S)
    try:
        waiting = ledger.whole.rows(load_sql(__file__, "pending"), parameters)
        while waiting and mine and time.monotonic() < deadline:
            row = waiting.pop(0)
            _analyse(ledger, row["app_id"], row["attempt_id"])
        return len(waiting)
    finally:
        if mine:
            _one_at_a_time.release()


def _analyse(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    options = ledger.options
    analyse(
        ledger.whole,
        app_id,
        attempt_id,
        price_book=options.price_book,
        thresholds=options.thresholds,
        severity_floors_usd=options.severity_floors_usd,
    )
