"""Applications whose driver vanished, and what is missing of a run, as they are told to users."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pyarrow as pa
import pytest

from analyzer.api import freshness
from analyzer.api.applications.service import application
from analyzer.api.completeness.service import completeness_of
from analyzer.api.ledger import Ledger, analysis_options
from collector.eventlog import Identity, decode
from collector.eventlog.record import BatchRecord
from collector.storage import open_store
from sparkledger.settings import load_settings
from tests.support.rows import MIDNIGHT_MS
from tests.support.wire import application_end, application_start, lines, task_ends

NOW = datetime.now(timezone.utc)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    directory = tmp_path_factory.mktemp("unfinished")
    with open_store(directory / "data") as store:
        yield Ledger(store, analysis_options(load_settings(data_dir=directory, lost_after_min=60.0)))


def receive(ledger: Ledger, app_id: str, body: bytes, seq: int, received_at: datetime, *, dropped: int = 0) -> None:
    """Store a listener's batch as if it had come at another time."""
    identity = Identity(app_id)
    record = BatchRecord(source="listener", batch_id=str(seq), seq=seq, events=5, dropped_events=dropped, body_bytes=len(body))
    tables = {**decode(body, identity).tables, "ingest_batches": record.table(identity)}
    for name, rows in tables.items():
        arrived = pa.array([received_at] * rows.num_rows, pa.timestamp("ms", "UTC"))
        ledger.store.insert(name, rows.append_column("received_at", arrived))


def test_a_silent_application_is_lost_until_data_comes_again(ledger: Ledger) -> None:
    receive(ledger, "app-silent", lines(application_start("app-silent"), task_ends(3)), 1, NOW - timedelta(hours=2))
    patient = replace(ledger, options=replace(ledger.options, lost_after_min=600.0))
    freshness.ensure_analysed(patient, "app-silent", "")
    before = application(patient, "app-silent", None)
    assert (before.state, before.closed_by_timeout) == ("open", False)
    assert freshness.close_silent(patient) == []

    assert freshness.close_silent(ledger) == [("app-silent", "")]
    lost = application(ledger, "app-silent", None)
    assert (lost.state, lost.closed_by_timeout, lost.ended) == ("lost", True, False)
    assert lost.ended_at == before.ended_at
    assert "nothing came for so long" in lost.completeness.note
    assert freshness.close_silent(ledger) == []

    receive(ledger, "app-silent", lines(task_ends(2, first_task_id=10)), 2, datetime.now(timezone.utc))
    assert application(ledger, "app-silent", None).state == "open"
    receive(ledger, "app-silent", lines(application_end()), 3, datetime.now(timezone.utc))
    ended = application(ledger, "app-silent", None)
    assert (ended.state, ended.closed_by_timeout, ended.completeness.complete) == ("ended", False, ended.completeness.note == "complete")


def test_gaps_drops_and_clocks_are_told(ledger: Ledger) -> None:
    body = lines(application_start("app-gaps"), task_ends(3))
    early = datetime.fromtimestamp(MIDNIGHT_MS / 1000, timezone.utc) - timedelta(seconds=30)
    receive(ledger, "app-gaps", body, 1, early)
    receive(ledger, "app-gaps", lines(task_ends(1, first_task_id=20)), 3, early, dropped=7)
    receive(ledger, "app-gaps", lines(application_end()), 6, early, dropped=7)
    detail = completeness_of(ledger, "app-gaps", None)
    [delivery] = detail.deliveries
    assert (delivery.missing_batches, delivery.gaps, delivery.dropped_events) == (3, [(2, 2), (4, 5)], 7)
    assert not detail.complete
    assert detail.clock_offset_ms is not None
    assert detail.clock_offset_ms <= -30_000
    assert [remark.code for remark in detail.remarks] == ["executors_unseen", "dropped_events", "missing_batches", "clock_ahead"]
    assert "3 batches of the listener never came" in application(ledger, "app-gaps", None).completeness.note


def test_a_whole_run_has_no_remarks(ledger: Ledger) -> None:
    body = lines(application_start("app-whole"), application_end())
    receive(ledger, "app-whole", body, 1, datetime.fromtimestamp(MIDNIGHT_MS / 1000, timezone.utc) + timedelta(seconds=61))
    detail = completeness_of(ledger, "app-whole", None)
    assert (detail.complete, detail.state, detail.remarks) == (True, "ended", [])


def test_the_stage_profile_holds_mergeable_distributions(ledger: Ledger, tmp_path: Path) -> None:
    receive(ledger, "app-histogram", lines(application_start("app-histogram"), task_ends(40), application_end()), 1, NOW)
    freshness.ensure_analysed(ledger, "app-histogram", "")
    key = {"app_id": "app-histogram"}
    sums = ledger.store.rows(
        "SELECT sum(tasks_succeeded) AS succeeded, arraySum(sumForEach(duration_ms_histogram)) AS counted, "
        "quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(duration_ms_state)[1] AS median "
        "FROM stage_profiles FINAL WHERE app_id = {app_id:String}",
        key,
    )[0]
    exact = ledger.store.rows("SELECT quantileExact(0.5)(duration_ms) AS median FROM tasks FINAL WHERE app_id = {app_id:String}", key)[0]
    assert sums["counted"] == sums["succeeded"] == 40
    assert sums["median"] == pytest.approx(exact["median"], rel=0.02)
