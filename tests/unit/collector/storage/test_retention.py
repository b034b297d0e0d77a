"""Which rows go, and when."""

from __future__ import annotations

from collector.eventlog.schemas import SCHEMAS
from collector.storage.retention import Retention


def test_every_table_that_events_fill_has_its_days() -> None:
    days = Retention(tasks_days=1, events_days=2, profiles_days=3).days()
    assert SCHEMAS.keys() - days.keys() == set()
    assert {name for name in SCHEMAS if days[name] == 1} == {"tasks"}
    assert {name for name in SCHEMAS if days[name] == 3} == {"applications", "ingest_batches"}
