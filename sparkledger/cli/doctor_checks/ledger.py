"""The ledger that this command line works with: where it is, whether it is ready, and what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from sparkledger.cli.doctor_checks.check import Check, attempt
from sparkledger.cli.output import when

if TYPE_CHECKING:
    from sparkledger.connection import Connection


def ledger(api: Connection) -> Iterator[Check]:
    """Whether it answers, whether its store does, and the newest run."""
    yield attempt("ledger", lambda: f"{'the server' if '://' in api.where else 'the store'} at {api.where}")
    yield attempt("store", lambda: f"ready: {api.send('GET', '/readyz').json()['store']}")
    yield attempt("runs", lambda: _newest(api.get("/applications", limit=1)["applications"]))


def _newest(applications: list[dict[str, Any]]) -> str:
    if not applications:
        return "none yet: a job sends its run with the flags of `sparkledger conf`"
    newest = applications[0]
    completeness = newest["completeness"]
    lost = completeness["dropped_events"] + completeness["bad_lines"]
    return f"newest {newest['app_id']}, started {when(newest['started_at'])} UTC, {completeness['events']:,} events, {lost:,} lost"
