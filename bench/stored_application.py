"""A synthetic application in a store, with all that its analysis asks for: executors, jobs, stages, tasks and settings."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from analyzer.timeline.history import History
from bench.task_rows import FIRST_LAUNCH_MS, TIME, counter, labels, task_rows
from collector.storage import Store

ROWS_AN_INSERT = 100_000
EXECUTORS_A_NODE = 2
_CONF = {"spark.executor.instances": "100", "spark.executor.cores": "4", "spark.executor.memory": "14g", "spark.master": "yarn"}


def store_application(store: Store, app_id: str, history: History) -> None:
    """Insert the events of one application; what its tasks read and wrote is drawn from a fixed seed."""
    for table, rows in (
        ("applications", _applications(history)),
        ("environment", pa.table({"section": ["spark"] * len(_CONF), "key": list(_CONF), "value": list(_CONF.values())})),
        ("executors", _executors(history)),
        ("jobs", _jobs(history)),
        ("stages", _stages(history)),
    ):
        store.insert(table, _identified(app_id, rows))
    random = np.random.default_rng(len(history.tasks))
    for first in range(0, len(history.tasks), ROWS_AN_INSERT):
        store.insert("tasks", _tasks(random, app_id, history, first))


def _applications(history: History) -> pa.Table:
    return pa.table(
        {
            "event": ["start", "end"],
            "time": _times([history.started_ms, history.ended_ms]),
            "name": ["nightly", ""],
            "user": ["etl", ""],
            "spark_version": ["4.1.0", ""],
        }
    )


def _executors(history: History) -> pa.Table:
    lives = history.executors
    return pa.table(
        {
            "executor_id": list(lives.ids),
            "event": ["added"] * len(lives.ids),
            "time": _times(lives.added_ms),
            "host": [_host(place // EXECUTORS_A_NODE) for place in range(len(lives.ids))],
            "total_cores": pa.array(lives.cores, pa.uint32()),
        }
    )


def _jobs(history: History) -> pa.Table:
    jobs = history.jobs
    return pa.table(
        {
            "job_id": pa.array([job.job_id for job in jobs] * 2, pa.uint32()),
            "event": ["start"] * len(jobs) + ["end"] * len(jobs),
            "time": _times([job.started_ms for job in jobs] + [job.ended_ms for job in jobs]),
            "stage_ids": pa.array([job.stage_ids for job in jobs] + [[]] * len(jobs), pa.list_(pa.uint32())),
            "sql_execution_id": pa.array([-1] * 2 * len(jobs), pa.int64()),
            "result": [""] * len(jobs) + ["JobSucceeded"] * len(jobs),
        }
    )


def _stages(history: History) -> pa.Table:
    stages, count = history.stages, len(history.stages.ids)
    return pa.table(
        {
            "stage_id": pa.array(stages.ids, pa.uint32()),
            "stage_attempt_id": pa.array(stages.attempts, pa.uint32()),
            "event_rank": pa.array([2] * count, pa.uint8()),
            "name": list(stages.names),
            "number_of_tasks": pa.array(np.bincount(history.tasks.stage, minlength=count), pa.uint32()),
            "submission_time": _times(stages.submitted_ms),
            "completion_time": _times(stages.completed_ms),
        }
    )


def _tasks(random: np.random.Generator, app_id: str, history: History, first: int) -> pa.Table:
    """A batch of task ends: sizes as `task_rows` draws them, places and times as the history has them."""
    tasks = history.tasks
    own = slice(first, min(first + ROWS_AN_INSERT, len(tasks)))
    numbers = np.arange(own.start, own.stop)
    rows = task_rows(random, first, len(numbers))
    columns = {
        "stage_id": pa.array(history.stages.ids[tasks.stage[own]], pa.uint32()),
        "task_id": pa.array(numbers, pa.uint64()),
        "task_index": pa.array(tasks.index[own], pa.uint32()),
        "partition_id": pa.array(tasks.index[own], pa.int32()),
        "executor_id": labels(tasks.executor[own], history.executors.ids.__getitem__),
        "host": labels(tasks.executor[own] // EXECUTORS_A_NODE, _host),
        "launch_time": _times(tasks.launched_ms[own]),
        "duration_ms": counter(tasks.finished_ms[own] - tasks.launched_ms[own]),
        "executor_run_time_ms": counter(tasks.run_ms[own]),
        "executor_cpu_time_ns": counter(tasks.cpu_ms[own] * 1_000_000),
        "jvm_gc_time_ms": counter(tasks.gc_ms[own]),
        "shuffle_fetch_wait_time_ms": counter(tasks.fetch_wait_ms[own]),
    }
    for name, values in columns.items():
        rows = rows.set_column(rows.column_names.index(name), name, values)
    return _identified(app_id, rows.drop_columns(["app_id", "attempt_id"]))


def _identified(app_id: str, rows: pa.Table) -> pa.Table:
    for name, value in (("attempt_id", ""), ("app_id", app_id)):
        rows = rows.add_column(0, name, pa.array([value] * rows.num_rows).dictionary_encode())
    return rows


def _host(node: int) -> str:
    return f"ip-10-0-0-{node}.ec2.internal"


def _times(moments_ms: object) -> pa.Array:
    return pa.array(np.asarray(moments_ms, dtype=np.int64) + FIRST_LAUNCH_MS).cast(TIME)
