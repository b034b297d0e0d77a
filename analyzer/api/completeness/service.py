"""The completeness of one application attempt, from how it was delivered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzer.api.applications.service import application, resolve_attempt
from analyzer.api.completeness.remarks import gaps_of, remarks
from analyzer.api.completeness.schemas import CompletenessDetail, Delivery
from analyzer.api.ledger import Ledger
from analyzer.profiles.application import read_executors, read_header
from collector.storage import load_sql

_LIVE = ("listener", "post")
_NO_START = "the start was never seen"


def completeness_of(ledger: Ledger, app_id: str, attempt: str | None) -> CompletenessDetail:
    """How complete one attempt is; a 404 where there is none."""
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    known = application(ledger, app_id, attempt_id)
    key = {"app_id": app_id, "attempt_id": attempt_id}
    deliveries = [_delivery(row) for row in ledger.store.rows(load_sql(__file__, "delivery"), key)]
    # An import is later than its events by design; once a log is in, the arrival of live events is overwritten by it.
    live = bool(deliveries) and all(delivery.source in _LIVE for delivery in deliveries)
    offset_ms = ledger.store.rows(load_sql(__file__, "clock"), key)[0]["offset_ms"] if live else None
    executors = read_executors(ledger.store, read_header(ledger.store, app_id, attempt_id))
    return CompletenessDetail(
        app_id=app_id,
        attempt_id=attempt_id,
        complete=known.completeness.complete,
        state=known.state,
        ended_at=known.ended_at,
        deliveries=deliveries,
        clock_offset_ms=offset_ms,
        remarks=list(
            remarks(
                state=known.state,
                started=_NO_START not in known.completeness.note.split("; "),
                lost_after_min=ledger.options.lost_after_min,
                deliveries=deliveries,
                clock_offset_ms=offset_ms,
                executors_unseen=sum(1 for executor in executors if not executor.added),
            )
        ),
    )


def _delivery(row: Mapping[str, Any]) -> Delivery:
    numbered = row["source"] == "listener"
    copied = {name: row[name] for name in Delivery.model_fields if name in row}
    return Delivery(
        **copied,
        missing_batches=row["missing"] if numbered else 0,
        gaps=gaps_of(row["seqs"]) if numbered else [],
    )
