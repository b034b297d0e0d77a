"""What every kind of store must do, whichever ClickHouse is behind it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from analyzer.api.freshness import __file__ as freshness_file
from collector.eventlog import Identity
from collector.eventlog.record import BatchRecord
from collector.importing import __file__ as importing_file
from collector.storage import Store, StoreError, StoreUnavailable, load_sql, open_store
from collector.storage.migrations import pending_migrations, shipped_migrations
from tests.support.rows import DAY_MS, MIDNIGHT_MS, application_starts, tasks
from tests.support.stores import KINDS, store_url

COUNT_TASKS = "SELECT count() AS n FROM tasks FINAL WHERE app_id = {app_id:String}"


@pytest.fixture(scope="module", params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_url(request.param, tmp_path_factory.mktemp(request.param)) as url, open_store(url) as store:
        yield store
        store.command(f"DROP DATABASE {store.database}")


def count_tasks(store: Store, app_id: str) -> int:
    return int(store.rows(COUNT_TASKS, {"app_id": app_id})[0]["n"])


def test_opening_applies_every_migration(store: Store) -> None:
    assert pending_migrations(store) == []
    applied = store.rows("SELECT version, name FROM schema_migrations FINAL ORDER BY version")
    assert [(row["version"], row["name"]) for row in applied] == [(m.version, m.name) for m in shipped_migrations()]


@pytest.mark.parametrize(
    ("asker", "query", "parameters", "read"),
    [
        (freshness_file, "pending", {"analysed_before_ms": 0, "started_before_ms": 0, "no_bound_ms": 0, "rows": 1}, "last_received"),
        (freshness_file, "silent", {"silent_since_ms": 0, "rows": 1}, "last_received"),
        (importing_file, "known_log", {"batch_id": "digest"}, "Name: sources"),
    ],
)
def test_what_is_asked_all_the_time_reads_no_batch_of_all_time(
    store: Store, asker: str, query: str, parameters: dict[str, Any], read: str
) -> None:
    store.insert("ingest_batches", BatchRecord(source="listener", batch_id="1", events=1, body_bytes=1).table(Identity("app-batches")))
    plan = store.rows(f"EXPLAIN indexes = 1 {load_sql(asker, query)}", parameters)
    assert read in "\n".join(row["explain"] for row in plan)


def test_when_data_last_came_is_told_of_batches_that_came_twice(store: Store) -> None:
    for batch in ("1", "2", "2"):
        store.insert("ingest_batches", BatchRecord(source="post", batch_id=batch, events=1, body_bytes=1).table(Identity("app-twice")))
    latest = "SELECT app_id, attempt_id, max(received_at) AS last FROM ingest_batches GROUP BY app_id, attempt_id"
    (found,) = (row["last"] for row in store.rows(latest) if row["app_id"] == "app-twice")
    (expected,) = store.rows("SELECT max(received_at) AS last FROM ingest_batches FINAL WHERE app_id = 'app-twice'")
    assert found == expected["last"]


def test_rows_come_back_as_they_went_in(store: Store) -> None:
    store.insert("applications", application_starts("app-back"))
    row = store.rows(
        "SELECT app_id, attempt_id, toString(event) AS event, time, name, exit_code, received_at FROM applications FINAL "
        "WHERE app_id = {app_id:String}",
        {"app_id": "app-back"},
    )[0]
    received_at = row.pop("received_at")
    assert row == {
        "app_id": "app-back",
        "attempt_id": "",
        "event": "start",
        "time": datetime(2026, 11, 23, tzinfo=timezone.utc),
        "name": "daily orders",
        "exit_code": None,
    }
    assert received_at > datetime(2026, 1, 1, tzinfo=timezone.utc)


def test_the_same_rows_again_change_nothing(store: Store) -> None:
    for _ in range(3):
        store.insert("tasks", tasks("app-again", 50))
    assert count_tasks(store, "app-again") == 50


def test_columns_that_are_missing_take_defaults(store: Store) -> None:
    store.insert("tasks", tasks("app-defaults", 1))
    row = store.rows("SELECT shuffle_bytes_written, error FROM tasks WHERE app_id = {a:String}", {"a": "app-defaults"})[0]
    assert row == {"shuffle_bytes_written": 0, "error": ""}


def test_one_insert_may_touch_more_than_a_hundred_days(store: Store) -> None:
    store.insert("tasks", tasks("app-days", 150, apart_ms=DAY_MS))
    assert count_tasks(store, "app-days") == 150


def test_an_empty_result_keeps_its_columns_and_types(store: Store) -> None:
    table = store.query("SELECT app_id, launch_time, duration_ms FROM tasks WHERE app_id = {a:String}", {"a": "nobody"})
    assert table.num_rows == 0
    assert [(field.name, field.type) for field in table.schema] == [
        ("app_id", pa.string()),
        ("launch_time", pa.timestamp("ms", "UTC")),
        ("duration_ms", pa.uint64()),
    ]


@pytest.mark.parametrize("value", ["x' OR 1 = 1 --", 'a"b`c\\d', "line\nbreak\ttab", "漢字 🔥", "{app_id:String}", ""])
def test_parameters_are_values_and_never_sql(store: Store, value: str) -> None:
    assert store.rows("SELECT {value:String} AS value", {"value": value}) == [{"value": value}]


def test_parameters_may_be_lists_numbers_and_times(store: Store) -> None:
    moment = datetime(2026, 11, 23, 1, 2, 3, tzinfo=timezone.utc)
    row = store.rows(
        "SELECT {ids:Array(UInt32)} AS ids, {share:Float64} AS share, {since:DateTime64(3, 'UTC')} AS since",
        {"ids": [1, 2], "share": 0.5, "since": moment},
    )[0]
    assert row == {"ids": [1, 2], "share": 0.5, "since": moment}


def test_maps_come_back_as_dicts(store: Store) -> None:
    assert store.rows("SELECT map('Location', 's3://bucket') AS metadata") == [{"metadata": {"Location": "s3://bucket"}}]


def test_reading_cannot_write(store: Store) -> None:
    with pytest.raises(StoreError, match="READONLY"):
        store.query("INSERT INTO applications (app_id) VALUES ('intruder')")
    assert store.rows("SELECT count() AS n FROM applications WHERE app_id = 'intruder'") == [{"n": 0}]


def test_a_failed_query_carries_the_engines_number(store: Store) -> None:
    with pytest.raises(StoreError, match="no_such_column") as caught:
        store.query("SELECT no_such_column FROM tasks")
    assert caught.value.code == 47
    assert not isinstance(caught.value, StoreUnavailable)


def test_rows_of_another_shape_are_refused_and_the_store_lives_on(store: Store) -> None:
    with pytest.raises(StoreError, match="no_such_column"):
        store.insert("tasks", tasks("app-shape", 1).append_column("no_such_column", pa.array([1])))
    store.insert("tasks", tasks("app-shape", 1))
    assert count_tasks(store, "app-shape") == 1


def test_an_insert_of_nothing_does_nothing(store: Store) -> None:
    store.insert("tasks", tasks("app-nothing", 5).slice(0, 0))
    assert count_tasks(store, "app-nothing") == 0


def test_many_threads_read_and_write_at_once(store: Store) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for turn in range(4):
                store.insert("tasks", tasks("app-threads", 25, first_task_id=number * 1000 + turn * 25))
                assert count_tasks(store, "app-threads") >= 25 * (turn + 1)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count_tasks(store, "app-threads") == 6 * 4 * 25


def test_a_stage_that_completed_replaces_its_submission_in_any_order(store: Store) -> None:
    for rank in (2, 1):
        store.insert(
            "stages",
            pa.table(
                {
                    "app_id": ["app-stage"],
                    "attempt_id": [""],
                    "stage_id": pa.array([1], pa.uint32()),
                    "stage_attempt_id": pa.array([0], pa.uint32()),
                    "event_rank": pa.array([rank], pa.uint8()),
                    "completion_time": pa.array([MIDNIGHT_MS if rank == 2 else None], pa.timestamp("ms", "UTC")),
                }
            ),
        )
    row = store.rows("SELECT event_rank, isNull(completion_time) AS open FROM stages FINAL WHERE app_id = 'app-stage'")
    assert row == [{"event_rank": 2, "open": 0}]


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    with store_url("http", tmp_path) as url:
        store = open_store(url)
        store.close()
        with pytest.raises(StoreError, match="closed"):
            store.query("SELECT 1")
