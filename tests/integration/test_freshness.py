"""Lists show what is known rather than wait for analyses without end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from analyzer.api import freshness
from analyzer.api.digests.endpoints import get_digest
from analyzer.api.ledger import Ledger, analysis_options
from analyzer.digest.model import Digest
from collector.eventlog import Identity, decode
from collector.eventlog.record import BatchRecord
from collector.storage import Store, open_store
from sparkledger import analysis_worker
from sparkledger.analysis_worker import AnalysisWorker
from sparkledger.settings import load_settings
from tests.support.wire import application_end, application_start, lines, task_ends

DAY = datetime(2026, 1, 7, tzinfo=timezone.utc)


def run_of(store: Store, app_id: str, day: datetime, *, ended: bool = True) -> None:
    """A run of two hours that came in over HTTP and that nobody analysed; without its end where it goes on."""
    start, end = (day.replace(hour=hour).timestamp() * 1000 for hour in (1, 2))
    last = [{**application_end(), "Timestamp": int(end)}] if ended else []
    body = lines({**application_start(app_id), "Timestamp": int(start)}, task_ends(3), *last)
    record = BatchRecord(source="post", batch_id="1", events=5, body_bytes=len(body))
    identity = Identity(app_id)
    for name, rows in {**decode(body, identity).tables, "ingest_batches": record.table(identity)}.items():
        store.insert(name, rows)


def test_a_list_does_not_wait_for_others_beyond_its_patience(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "PATIENCE_S", 0.2)
    with open_store(tmp_path / "data") as store:
        run_of(store, "app-1", DAY)
        ledger = Ledger(store, analysis_options(load_settings(data_dir=tmp_path)))
        with freshness._lock_of("app-1", ""):
            assert freshness.analyse_pending(ledger) == 1
            assert not digest_of_week(ledger).final
        monkeypatch.setattr(freshness, "PATIENCE_S", 600)
        assert freshness.analyse_pending(ledger) == 0
        monkeypatch.setattr(freshness, "PATIENCE_S", 0.2)
        # What runs in later weeks is due at any time on a busy server, and changes nothing about this one.
        run_of(store, "app-2", DAY + timedelta(weeks=1))
        with freshness._lock_of("app-2", ""):
            digest = digest_of_week(ledger)
            assert freshness.analyse_pending(ledger) == 1
    assert (digest.final, digest.totals.applications) == (True, 1)


def test_a_run_is_due_as_soon_as_its_end_came_however_lately_it_was_analysed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freshness, "RUNNING_EVERY_S", 3600)
    with open_store(tmp_path / "data") as store:
        ledger = Ledger(store, analysis_options(load_settings(data_dir=tmp_path)))
        run_of(store, "app-1", DAY, ended=False)
        assert freshness.pending_applications(ledger) == [("app-1", "")]
        freshness.ensure_analysed(ledger, "app-1", "")
        run_of(store, "app-1", DAY, ended=False)
        assert freshness.pending_applications(ledger) == []
        run_of(store, "app-1", DAY)
        assert freshness.pending_applications(ledger) == [("app-1", "")]


def digest_of_week(ledger: Ledger) -> Digest:
    """What the API answers for the week of the application, which is long over."""
    digest = get_digest(ledger, "etl", "2026-W02", format="json", rebuild=False)
    assert isinstance(digest, Digest)
    return digest


def test_a_run_that_goes_on_counts_as_waiting_before_its_first_analysis_and_after_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(freshness, "RUNNING_EVERY_S", 0)
    monkeypatch.setattr(freshness, "PATIENCE_S", 0.2)
    start_ms, end_ms = (int(DAY.replace(hour=hour).timestamp() * 1000) for hour in (1, 2))
    with open_store(tmp_path / "data") as store:
        ledger = Ledger(store, analysis_options(load_settings(data_dir=tmp_path)))

        def waiting() -> tuple[int, int]:
            with freshness._lock_of("app-1", ""):
                return freshness.analyse_pending(ledger), len(freshness.pending_applications(ledger))

        run_of(store, "app-1", DAY, ended=False)
        assert waiting() == (1, 1)
        freshness.ensure_analysed(ledger, "app-1", "")
        run_of(store, "app-1", DAY, ended=False)
        assert waiting() == (0, 1)
        run_of(store, "app-1", DAY)
        assert waiting() == (1, 1)
        assert freshness.pending_applications(ledger, end_ms) == [("app-1", "")]
        assert freshness.pending_applications(ledger, start_ms) == []
        freshness.ensure_analysed(ledger, "app-1", "")
        assert waiting() == (0, 0)


def test_the_worker_lets_requests_in_between_two_analyses(monkeypatch: pytest.MonkeyPatch) -> None:
    lock, started = threading.Lock(), threading.Event()

    def analyse(_ledger: object, _app_id: str, _attempt_id: str) -> None:
        with lock:
            started.set()
            time.sleep(0.02)

    monkeypatch.setattr(analysis_worker, "SILENCE_S", 0.0)
    monkeypatch.setattr(analysis_worker, "ensure_analysed", analyse)
    worker = AnalysisWorker(Ledger(None))  # type: ignore[arg-type]
    # A minute of work: who waited for all of it would not have the lock in time.
    for number in range(3000):
        worker.touch(f"app-{number}", "", running=False)
    try:
        assert started.wait(600)
        assert lock.acquire(timeout=20)
        lock.release()
    finally:
        worker.close()


def test_the_worker_leaves_a_run_alone_between_two_analyses_until_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    analysed: list[str] = []
    monkeypatch.setattr(analysis_worker, "SILENCE_S", 0.0)
    monkeypatch.setattr(analysis_worker, "RUNNING_EVERY_S", 3600.0)
    monkeypatch.setattr(analysis_worker, "ensure_analysed", lambda _ledger, app_id, _attempt_id: analysed.append(app_id))
    worker = AnalysisWorker(Ledger(None))  # type: ignore[arg-type]
    try:
        worker.touch("app-1", "", running=True)
        _wait_until(lambda: analysed == ["app-1"])
        _wait_until(lambda: ("app-1", "") in worker._rests_until)
        worker.touch("app-1", "", running=True)
        worker.touch("app-2", "", running=True)
        _wait_until(lambda: "app-2" in analysed)
        assert analysed == ["app-1", "app-2"]
        worker.touch("app-1", "", running=False)
        _wait_until(lambda: analysed == ["app-1", "app-2", "app-1"])
    finally:
        worker.close()


def _wait_until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.01)
