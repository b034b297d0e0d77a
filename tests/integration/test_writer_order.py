"""Batches may come twice, late and in any order, and several at once: the store holds the same rows in the end."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.datastructures import Headers

from collector.api.events.batch import decode_batch
from collector.api.sender import sender_of
from collector.storage import Store, clock, open_store
from collector.storage.writer import Writer
from tests.support.rows import MIDNIGHT_MS
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

BATCHES = 6
TABLES = ("applications", "executors", "jobs", "tasks", "ingest_batches")
NOT_COMPARED = {"received_at", "app_id"}
IN_ORDER, JUMPING = "app-in-order-000000000000", "app-jump-0000000000000000"
"""As long as every other application's id here, since the size of a batch is compared, and the first one holds the id."""


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store")) as store:
        yield store


def batch(app_id: str, seq: int) -> dict[str, pa.Table]:
    """The tables of one batch of a listener, of every kind that comes often."""
    events: list[dict[str, Any]] = [application_start(app_id)] if seq == 1 else []
    events.append({"Event": "SparkListenerExecutorAdded", "Timestamp": MIDNIGHT_MS, "Executor ID": str(seq)})
    events.append({"Event": "SparkListenerJobStart", "Job ID": seq, "Submission Time": MIDNIGHT_MS})
    events.append(task_ends(7, first_task_id=seq * 7))
    ended = {"Completion Time": MIDNIGHT_MS + seq, "Job Result": {"Result": "JobSucceeded"}}
    events.append({"Event": "SparkListenerJobEnd", "Job ID": seq, **ended})
    events += [application_end()] if seq == BATCHES else []
    sent = {**NDJSON, "X-Sparkledger-App-Id": app_id, "X-Sparkledger-Source": "listener", "X-Sparkledger-Batch-Seq": str(seq)}
    return decode_batch(lines(*events), "identity", sender_of(Headers(sent)), limit_bytes=1 << 20).tables


def rows(store: Store, app_id: str) -> dict[str, list[dict[str, Any]]]:
    """Everything that is stored of an application, in a fixed order."""
    found = {}
    for table in TABLES:
        kept = store.rows(f"SELECT * FROM {table} FINAL WHERE app_id = {{a:String}}", {"a": app_id})
        found[table] = sorted(({k: v for k, v in row.items() if k not in NOT_COMPARED} for row in kept), key=repr)
    return found


def send(store: Store, app_id: str, rounds: list[list[int]]) -> None:
    """Each round's batches are under way at once; the next round comes when they are durable."""
    writer = Writer(store)
    for wave in rounds:
        for future in [writer.write(batch(app_id, seq)) for seq in wave]:
            future.result(timeout=900)
    writer.close()


@pytest.fixture(scope="module")
def in_order(store: Store) -> dict[str, list[dict[str, Any]]]:
    send(store, IN_ORDER, [[seq] for seq in range(1, BATCHES + 1)])
    found = rows(store, IN_ORDER)
    assert {table: len(kept) for table, kept in found.items()} == {
        "applications": 2, "executors": BATCHES, "jobs": 2 * BATCHES, "tasks": 7 * BATCHES, "ingest_batches": BATCHES
    }  # fmt: skip
    return found


orders = st.permutations(range(1, BATCHES + 1))
repetitions = st.lists(st.integers(1, BATCHES), max_size=6)
wave_sizes = st.lists(st.integers(1, 5), min_size=3, max_size=3)


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(orders, repetitions, wave_sizes)
def test_the_rows_are_the_same_however_batches_arrive(
    store: Store, in_order: dict[str, list[dict[str, Any]]], order: list[int], again: list[int], sizes: list[int]
) -> None:
    waiting, rounds = [*order, *again], []
    while waiting:
        size = sizes[len(rounds) % len(sizes)]
        rounds.append(waiting[:size])
        waiting = waiting[size:]
    app_id = f"app-{time.monotonic_ns():021d}"
    send(store, app_id, rounds)
    assert rows(store, app_id) == in_order


def test_a_clock_that_jumps_changes_no_row_and_stamps_never_go_back(
    store: Store, in_order: dict[str, list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    class Jumping(datetime):
        offset = timedelta()

        @classmethod
        def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + cls.offset

    monkeypatch.setattr(clock, "datetime", Jumping)
    monkeypatch.setattr(clock, "_latest", datetime.now(timezone.utc))
    jumps = [timedelta(), timedelta(hours=-3), timedelta(hours=2), timedelta(days=-400), timedelta(seconds=-1), timedelta()]
    for number, (seq, jump) in enumerate(zip(range(1, BATCHES + 1), jumps, strict=True)):
        Jumping.offset = jump
        send(store, JUMPING, [[seq], [max(1, seq - 1)]] if number else [[seq]])
    assert rows(store, JUMPING) == in_order
    query = "SELECT seq, max(received_at) AS at FROM ingest_batches WHERE app_id = {a:String} GROUP BY seq ORDER BY seq"
    stamps = store.rows(query, {"a": JUMPING})
    assert [row["at"] for row in stamps] == sorted(row["at"] for row in stamps)
