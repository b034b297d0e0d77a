"""The embedded store under synthetic tasks: bytes on disk, rows inserted a second, and the queries that people wait for.

Those are the API's own queries: the stages of one large application, and lists among many applications, with and without a filter.

Tasks have the shape of real ones: applications of a few thousand tasks over some stages, run times and shuffle sizes
log-normal with a heavy tail, most counters zero in most stages. The seed is fixed, so every run inserts the same rows.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.table import Table

import analyzer.api.applications.endpoints as applications_api
from analyzer.api import freshness
from analyzer.api.times import END_OF_TIME_MS
from analyzer.pipeline import analyse
from collector.storage import Store, load_sql, open_store

SEED = 20_261_123
TASKS_AN_APPLICATION = 5_000
STAGES_AN_APPLICATION = 10
EXECUTORS_AN_APPLICATION = 40
FIRST_LAUNCH_MS = 1_795_392_000_000
APPLICATIONS_A_DAY = 500
TIME = pa.timestamp("ms", "UTC")
UNITS = {
    "bytes_per_task": "By",
    "insert_rows_per_s": "1/s",
    "insert_batch_median_ms": "ms",
    "stage_summary_ms": "ms",
    "list_applications_ms": "ms",
    "list_filtered_ms": "ms",
    "list_last_page_ms": "ms",
    "look_for_new_data_ms": "ms",
    "analyse_application_s": "s",
    "analyse_large_application_s": "s",
}
LARGE = "application_1795392000000_large"
_LAST_TEXT = "\U0010ffff"

BATCHES_AN_APPLICATION = 40
"""Of the applications in the list."""
_FILL_BATCHES = """
INSERT INTO ingest_batches (app_id, attempt_id, source, batch_id, seq, events, received_at)
SELECT app_id, '', 'listener', toString(seq), seq, 100, started_at
FROM application_profiles ARRAY JOIN range(1, {batches} + 1) AS seq
"""
_LOOK_FOR_NEW_DATA = {
    "analysed_before_ms": END_OF_TIME_MS,
    "started_before_ms": END_OF_TIME_MS,
    "no_bound_ms": END_OF_TIME_MS,
    "rows": 1000,
}

DISK_BYTES = """
SELECT sum(bytes_on_disk) AS bytes, sum(rows) AS rows, count() AS parts
FROM system.parts
WHERE database = {database:String} AND table = 'tasks' AND active
"""


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure; `--tasks` rows (1,000,000) in inserts of `--batch` rows (100,000). Takes about half a minute a million rows."""
    options = _options(args)
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as directory, open_store(Path(directory) / "data") as store:
        seconds, durations_s = _fill(store, options.tasks, options.batch)
        store.command("OPTIMIZE TABLE tasks FINAL")
        disk = store.rows(DISK_BYTES, {"database": store.database})[0]
        app_ids = [_app_id(number) for number in range(0, max(options.tasks // TASKS_AN_APPLICATION, 1))]
        large_s = _fill_large(store, options.large, options.batch)
        analyse_s = _median_ms(3, lambda turn: analyse(store, app_ids[turn % len(app_ids)], "")) / 1000
        _fill_list(store, options.applications)
        stages = load_sql(applications_api.__file__, "stages")
        summary_ms = _median_ms(options.repeats, lambda _turn: store.query(stages, {**_STAGES_OF, "app_id": LARGE}))
        page = load_sql(applications_api.__file__, "page")
        list_ms = _median_ms(options.repeats, lambda _turn: store.query(page, _FIRST_PAGE))
        filtered_ms = _median_ms(options.repeats, lambda _turn: store.query(page, {**_FIRST_PAGE, "team": "team-7", "name": "PIPE"}))
        last_ms = _median_ms(options.repeats, lambda _turn: store.query(page, {**_FIRST_PAGE, "after_ms": FIRST_LAUNCH_MS + 1_000_000}))
        pending = load_sql(freshness.__file__, "pending")
        look_ms = _median_ms(options.repeats, lambda _turn: store.query(pending, _LOOK_FOR_NEW_DATA))
    figures = {
        "bytes_per_task": round(disk["bytes"] / disk["rows"], 1),
        "insert_rows_per_s": round(options.tasks / seconds),
        "insert_batch_median_ms": round(statistics.median(durations_s) * 1000),
        "stage_summary_ms": round(summary_ms, 1),
        "list_applications_ms": round(list_ms, 1),
        "list_filtered_ms": round(filtered_ms, 1),
        "list_last_page_ms": round(last_ms, 1),
        "look_for_new_data_ms": round(look_ms, 1),
        "analyse_application_s": round(analyse_s, 2),
        "analyse_large_application_s": round(large_s, 1),
    }
    _print(figures, disk["rows"])
    return {
        "figures": figures,
        "rows": [{"what": name, "value": value, "unit": UNITS[name]} for name, value in figures.items()],
        "notes": f"{options.tasks:,} tasks of {len(app_ids):,} applications in inserts of {options.batch:,}, synced to disk each; "
        f"bytes on disk after OPTIMIZE FINAL in {disk['parts']} parts; stages of an application of {options.large:,} tasks, lists among "
        f"{options.applications:,} applications of {BATCHES_AN_APPLICATION} batches each; medians of {options.repeats} warm queries",
    }


def _options(args: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench storage", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=100_000)
    parser.add_argument("--large", type=int, default=1_000_000, help="tasks of the application whose stages are read")
    parser.add_argument("--applications", type=int, default=50_000, help="applications in the list")
    parser.add_argument("--repeats", type=int, default=21)
    return parser.parse_args(args)


def _fill(store: Store, tasks: int, batch: int) -> tuple[float, list[float]]:
    """Seconds spent in inserts of tasks, in all and for each; making the rows does not count."""
    durations_s = []
    for rows in _batches(tasks, batch):
        started = time.perf_counter()
        store.insert("tasks", rows)
        durations_s.append(time.perf_counter() - started)
    store.insert("applications", _applications(max(tasks // TASKS_AN_APPLICATION, 1)))
    return sum(durations_s), durations_s


_STAGES_OF = {"attempt_id": "", "after_stage": -1, "after_stage_attempt": -1, "rows": 101}
_FIRST_PAGE = {
    "team": "",
    "pipeline": "",
    "name": "",
    "since_ms": 0,
    "until_ms": END_OF_TIME_MS,
    "after_ms": END_OF_TIME_MS,
    "after_app": _LAST_TEXT,
    "after_attempt": _LAST_TEXT,
    "rows": 51,
}


def _fill_large(store: Store, tasks: int, batch: int) -> float:
    """One application of many tasks, analysed; seconds that its analysis took."""
    random = np.random.default_rng(SEED)
    for first in range(0, tasks, batch):
        rows = _tasks(random, first, min(batch, tasks - first))
        one = pa.array([LARGE] * rows.num_rows).dictionary_encode()
        numbered = pa.array(range(first, first + rows.num_rows), pa.uint64())
        rows = rows.set_column(rows.column_names.index("app_id"), "app_id", one)
        store.insert("tasks", rows.set_column(rows.column_names.index("task_id"), "task_id", numbered))
    started = time.perf_counter()
    analyse(store, LARGE, "")
    return time.perf_counter() - started


def _fill_list(store: Store, applications: int) -> None:
    """Applications that were analysed after the last of their batches, as most of a company's history is."""
    store.insert("application_profiles", _profiles(applications))
    store.command("OPTIMIZE TABLE application_profiles FINAL")
    store.command(_FILL_BATCHES.format(batches=BATCHES_AN_APPLICATION))


def _profiles(count: int) -> pa.Table:
    numbers = np.arange(count)
    started = pa.array(FIRST_LAUNCH_MS + numbers * 1000, pa.int64()).cast(TIME)
    return pa.table(
        {
            "app_id": [f"application_1795300000000_{number:06d}" for number in range(count)],
            "attempt_id": [""] * count,
            "name": [f"pipeline-{number % 997}" for number in range(count)],
            "user": ["etl"] * count,
            "team": [f"team-{number % 41}" for number in range(count)],
            "pipeline": [f"pipeline-{number % 997}" for number in range(count)],
            "started_at": started,
            "ended_at": started,
            "ended": [True] * count,
            "wall_ms": pa.array(numbers % 3_600_000, pa.uint64()),
            "cost_usd": numbers / 1000,
            "completeness": ["complete"] * count,
            "analysed_at": pa.array(FIRST_LAUNCH_MS + numbers * 1000 + 60_000, pa.int64()).cast(TIME),
        }
    )


def _batches(tasks: int, batch: int) -> Iterator[pa.Table]:
    random = np.random.default_rng(SEED)
    for first in range(0, tasks, batch):
        yield _tasks(random, first, min(batch, tasks - first))


def _tasks(random: np.random.Generator, first: int, count: int) -> pa.Table:
    number = np.arange(first, first + count)
    application, within = number // TASKS_AN_APPLICATION, number % TASKS_AN_APPLICATION
    stage = within * STAGES_AN_APPLICATION // TASKS_AN_APPLICATION
    reads_input, shuffles = stage % 3 == 0, stage % 3 != 0
    run_ms = np.minimum(random.lognormal(7.5, 1.1, count), 3_600_000).astype(np.uint64)
    shuffle_bytes = np.where(shuffles, random.lognormal(16, 1.5, count), 0).astype(np.uint64)
    spills = shuffles & (random.random(count) < 0.02)
    launch_ms = FIRST_LAUNCH_MS + application * (86_400_000 // APPLICATIONS_A_DAY) + stage * 60_000 + random.integers(0, 60_000, count)
    executor = random.integers(1, EXECUTORS_AN_APPLICATION + 1, count)
    return pa.table(
        {
            "app_id": _labels(application, _app_id),
            "attempt_id": _labels(np.zeros(count, np.int64), lambda _number: ""),
            "stage_id": pa.array(stage, pa.uint32()),
            "stage_attempt_id": pa.array(np.zeros(count), pa.uint32()),
            "task_id": pa.array(within, pa.uint64()),
            "end_reason": _labels((random.random(count) < 0.002).astype(int), ("Success", "ExceptionFailure").__getitem__),
            "status": _labels(np.zeros(count, np.int64), lambda _number: "succeeded"),
            "task_type": _labels((stage == STAGES_AN_APPLICATION - 1).astype(int), ("ShuffleMapTask", "ResultTask").__getitem__),
            "task_index": pa.array(within % (TASKS_AN_APPLICATION // STAGES_AN_APPLICATION), pa.uint32()),
            "partition_id": pa.array(within % (TASKS_AN_APPLICATION // STAGES_AN_APPLICATION), pa.int32()),
            "executor_id": _labels(executor, str),
            "host": _labels(executor // 4, lambda host: f"ip-10-0-{host % 256}-{host * 7 % 256}.ec2.internal"),
            "locality": _labels(random.integers(0, 2, count), ("PROCESS_LOCAL", "ANY").__getitem__),
            "launch_time": pa.array(launch_ms, pa.int64()).cast(TIME),
            "duration_ms": pa.array(run_ms + random.integers(5, 60, count).astype(np.uint64), pa.uint64()),
            "has_metrics": pa.array(np.ones(count, bool)),
            "executor_deserialize_time_ms": _counter(random.integers(1, 40, count)),
            "executor_deserialize_cpu_time_ns": _counter(random.integers(1_000_000, 30_000_000, count)),
            "executor_run_time_ms": _counter(run_ms),
            "executor_cpu_time_ns": _counter(run_ms * random.uniform(0.3, 0.98, count) * 1e6),
            "result_size_bytes": _counter(random.integers(1_500, 4_000, count)),
            "jvm_gc_time_ms": _counter(run_ms * random.uniform(0, 0.08, count)),
            "memory_bytes_spilled": _counter(np.where(spills, shuffle_bytes * 6, 0)),
            "disk_bytes_spilled": _counter(np.where(spills, shuffle_bytes, 0)),
            "peak_execution_memory_bytes": _counter(np.where(shuffles, random.integers(1, 64, count) * (4 << 20), 0)),
            "input_bytes_read": _counter(np.where(reads_input, random.normal(128 << 20, 9e6, count).clip(0), 0)),
            "input_records_read": _counter(np.where(reads_input, random.normal(900_000, 60_000, count).clip(0), 0)),
            "shuffle_remote_blocks_fetched": _counter(np.where(shuffles, random.integers(50, 400, count), 0)),
            "shuffle_local_blocks_fetched": _counter(np.where(shuffles, random.integers(0, 20, count), 0)),
            "shuffle_fetch_wait_time_ms": _counter(np.where(shuffles, random.exponential(80, count), 0)),
            "shuffle_remote_bytes_read": _counter(shuffle_bytes),
            "shuffle_local_bytes_read": _counter(shuffle_bytes // 30),
            "shuffle_records_read": _counter(shuffle_bytes // 90),
            "shuffle_bytes_written": _counter(random.lognormal(15.5, 1, count)),
            "shuffle_write_time_ns": _counter(random.lognormal(17, 1, count)),
            "shuffle_records_written": _counter(random.lognormal(11, 1, count)),
        }
    )


def _applications(count: int) -> pa.Table:
    numbers = np.arange(count)
    return pa.table(
        {
            "app_id": [_app_id(number) for number in range(count)],
            "attempt_id": [""] * count,
            "event": ["start"] * count,
            "time": pa.array(FIRST_LAUNCH_MS + numbers * (86_400_000 // APPLICATIONS_A_DAY), pa.int64()).cast(TIME),
            "name": [f"pipeline-{number % 97}" for number in range(count)],
            "user": ["etl"] * count,
            "spark_version": ["4.1.0"] * count,
        }
    )


def _app_id(number: int) -> str:
    return f"application_1795392000000_{number:06d}"


def _counter(values: Any) -> pa.Array:
    return pa.array(np.asarray(values).astype(np.uint64), pa.uint64())


def _labels(numbers: Any, label: Callable[[int], str]) -> pa.DictionaryArray:
    distinct, indices = np.unique(numbers, return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array([label(int(value)) for value in distinct]))


def _median_ms(repeats: int, query: Callable[[int], object]) -> float:
    """Median of `repeats` runs after one that warms the caches."""
    durations_ms = []
    for turn in range(repeats + 1):
        started = time.perf_counter()
        query(turn)
        durations_ms.append((time.perf_counter() - started) * 1000)
    return statistics.median(durations_ms[1:])


def _print(figures: dict[str, float], rows: int) -> None:
    table = Table("figure", "value", "unit", title=f"embedded store, {rows:,} tasks")
    for name, value in figures.items():
        table.add_row(name, f"{value:,}", UNITS[name])
    Console(stderr=True).print(table)
