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
from bench.task_rows import APPLICATIONS_A_DAY, FIRST_LAUNCH_MS, TASKS_AN_APPLICATION, TIME, app_id, task_rows
from collector.storage import Store, load_sql, open_store

SEED = 20_261_123
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
        app_ids = [app_id(number) for number in range(0, max(options.tasks // TASKS_AN_APPLICATION, 1))]
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
        rows = task_rows(random, first, min(batch, tasks - first))
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
        yield task_rows(random, first, min(batch, tasks - first))


def _applications(count: int) -> pa.Table:
    numbers = np.arange(count)
    return pa.table(
        {
            "app_id": [app_id(number) for number in range(count)],
            "attempt_id": [""] * count,
            "event": ["start"] * count,
            "time": pa.array(FIRST_LAUNCH_MS + numbers * (86_400_000 // APPLICATIONS_A_DAY), pa.int64()).cast(TIME),
            "name": [f"pipeline-{number % 97}" for number in range(count)],
            "user": ["etl"] * count,
            "spark_version": ["4.1.0"] * count,
        }
    )


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
