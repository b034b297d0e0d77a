"""The embedded store under synthetic tasks: bytes on disk, rows inserted a second, and the queries that people wait for.

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

from collector.storage import Store, open_store

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
}

STAGE_SUMMARY = """
SELECT
  stage_id,
  stage_attempt_id,
  count() AS tasks,
  sum(executor_run_time_ms) AS run_ms,
  quantilesExact(0.5, 0.95, 1)(executor_run_time_ms) AS run_ms_quantiles,
  quantilesExact(0.5, 0.95, 1)(shuffle_remote_bytes_read + shuffle_local_bytes_read) AS shuffle_bytes_quantiles,
  sum(disk_bytes_spilled) AS spilled_bytes
FROM tasks FINAL
WHERE app_id = {app_id:String} AND attempt_id = ''
GROUP BY stage_id, stage_attempt_id
ORDER BY stage_id, stage_attempt_id
"""
APPLICATIONS = """
SELECT app_id, attempt_id, name, user, time
FROM applications FINAL
WHERE event = 'start'
ORDER BY time DESC
LIMIT 50
"""
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
        summary_ms = _median_ms(options.repeats, lambda turn: store.query(STAGE_SUMMARY, {"app_id": app_ids[turn * 7 % len(app_ids)]}))
        list_ms = _median_ms(options.repeats, lambda _turn: store.query(APPLICATIONS))
    figures = {
        "bytes_per_task": round(disk["bytes"] / disk["rows"], 1),
        "insert_rows_per_s": round(options.tasks / seconds),
        "insert_batch_median_ms": round(statistics.median(durations_s) * 1000),
        "stage_summary_ms": round(summary_ms, 1),
        "list_applications_ms": round(list_ms, 1),
    }
    _print(figures, disk["rows"])
    return {
        "figures": figures,
        "rows": [{"what": name, "value": value, "unit": UNITS[name]} for name, value in figures.items()],
        "notes": f"{options.tasks:,} tasks of {len(app_ids):,} applications in inserts of {options.batch:,}, synced to disk each; "
        f"bytes on disk after OPTIMIZE FINAL in {disk['parts']} parts; medians of {options.repeats} warm queries",
    }


def _options(args: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench storage", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=100_000)
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
