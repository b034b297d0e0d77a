"""Reading analyses what is new: an answer never shows an older state than the events that were acknowledged before it."""

from __future__ import annotations

import threading
import time

from analyzer.api.ledger import Ledger
from analyzer.pipeline import analyse
from collector.storage import load_sql

BATCH = 25
"""Applications that one request analyses at most; the answer says how many still wait."""
RUNNING_EVERY_S = 30
"""A run that has not ended is analysed again at most this often by requests that list applications."""
_COUNTED_AT_MOST = 1000

_one_at_a_time = threading.Lock()


def ensure_analysed(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    """Analyse one application attempt if data came since it was last analysed."""
    parameters = {"app_id": app_id, "attempt_id": attempt_id}
    with _one_at_a_time:
        if ledger.store.rows(load_sql(__file__, "stale"), parameters)[0]["stale"]:
            _analyse(ledger, app_id, attempt_id)


def analyse_pending(ledger: Ledger) -> int:
    """Analyse the newest applications that have new data; returns how many still wait (counted to a thousand)."""
    analysed_before_ms = int((time.time() - RUNNING_EVERY_S) * 1000)
    parameters = {"analysed_before_ms": analysed_before_ms, "rows": _COUNTED_AT_MOST}
    with _one_at_a_time:
        waiting = ledger.store.rows(load_sql(__file__, "pending"), parameters)
        for row in waiting[:BATCH]:
            _analyse(ledger, row["app_id"], row["attempt_id"])
    return max(0, len(waiting) - BATCH)


def _analyse(ledger: Ledger, app_id: str, attempt_id: str) -> None:
    options = ledger.options
    analyse(
        ledger.store,
        app_id,
        attempt_id,
        price_book=options.price_book,
        thresholds=options.thresholds,
        severity_floors_usd=options.severity_floors_usd,
    )
