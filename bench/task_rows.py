"""Synthetic rows of the table `tasks`.

They have the shape of real ones: run times and shuffle sizes log-normal with a heavy tail, most counters zero in most stages.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyarrow as pa

TASKS_AN_APPLICATION = 5_000
STAGES_AN_APPLICATION = 10
EXECUTORS_AN_APPLICATION = 40
FIRST_LAUNCH_MS = 1_795_392_000_000
APPLICATIONS_A_DAY = 500
TIME = pa.timestamp("ms", "UTC")


def task_rows(random: np.random.Generator, first: int, count: int) -> pa.Table:
    """`count` task ends from number `first` on, of one application after another."""
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
            "app_id": labels(application, app_id),
            "attempt_id": labels(np.zeros(count, np.int64), lambda _number: ""),
            "stage_id": pa.array(stage, pa.uint32()),
            "stage_attempt_id": pa.array(np.zeros(count), pa.uint32()),
            "task_id": pa.array(within, pa.uint64()),
            "end_reason": labels((random.random(count) < 0.002).astype(int), ("Success", "ExceptionFailure").__getitem__),
            "status": labels(np.zeros(count, np.int64), lambda _number: "succeeded"),
            "task_type": labels((stage == STAGES_AN_APPLICATION - 1).astype(int), ("ShuffleMapTask", "ResultTask").__getitem__),
            "task_index": pa.array(within % (TASKS_AN_APPLICATION // STAGES_AN_APPLICATION), pa.uint32()),
            "partition_id": pa.array(within % (TASKS_AN_APPLICATION // STAGES_AN_APPLICATION), pa.int32()),
            "executor_id": labels(executor, str),
            "host": labels(executor // 4, lambda host: f"ip-10-0-{host % 256}-{host * 7 % 256}.ec2.internal"),
            "locality": labels(random.integers(0, 2, count), ("PROCESS_LOCAL", "ANY").__getitem__),
            "launch_time": pa.array(launch_ms, pa.int64()).cast(TIME),
            "duration_ms": pa.array(run_ms + random.integers(5, 60, count).astype(np.uint64), pa.uint64()),
            "has_metrics": pa.array(np.ones(count, bool)),
            "executor_deserialize_time_ms": counter(random.integers(1, 40, count)),
            "executor_deserialize_cpu_time_ns": counter(random.integers(1_000_000, 30_000_000, count)),
            "executor_run_time_ms": counter(run_ms),
            "executor_cpu_time_ns": counter(run_ms * random.uniform(0.3, 0.98, count) * 1e6),
            "result_size_bytes": counter(random.integers(1_500, 4_000, count)),
            "jvm_gc_time_ms": counter(run_ms * random.uniform(0, 0.08, count)),
            "memory_bytes_spilled": counter(np.where(spills, shuffle_bytes * 6, 0)),
            "disk_bytes_spilled": counter(np.where(spills, shuffle_bytes, 0)),
            "peak_execution_memory_bytes": counter(np.where(shuffles, random.integers(1, 64, count) * (4 << 20), 0)),
            "input_bytes_read": counter(np.where(reads_input, random.normal(128 << 20, 9e6, count).clip(0), 0)),
            "input_records_read": counter(np.where(reads_input, random.normal(900_000, 60_000, count).clip(0), 0)),
            "shuffle_remote_blocks_fetched": counter(np.where(shuffles, random.integers(50, 400, count), 0)),
            "shuffle_local_blocks_fetched": counter(np.where(shuffles, random.integers(0, 20, count), 0)),
            "shuffle_fetch_wait_time_ms": counter(np.where(shuffles, random.exponential(80, count), 0)),
            "shuffle_remote_bytes_read": counter(shuffle_bytes),
            "shuffle_local_bytes_read": counter(shuffle_bytes // 30),
            "shuffle_records_read": counter(shuffle_bytes // 90),
            "shuffle_bytes_written": counter(random.lognormal(15.5, 1, count)),
            "shuffle_write_time_ns": counter(random.lognormal(17, 1, count)),
            "shuffle_records_written": counter(random.lognormal(11, 1, count)),
        }
    )


def app_id(number: int) -> str:
    """The id of the n-th application."""
    return f"application_1795392000000_{number:06d}"


def counter(values: Any) -> pa.Array:
    """Whole numbers of a column that counts; fractions are cut off."""
    return pa.array(np.asarray(values).astype(np.uint64), pa.uint64())


def labels(numbers: Any, label: Callable[[int], str]) -> pa.DictionaryArray:
    """A text for each number, as a dictionary."""
    distinct, indices = np.unique(numbers, return_inverse=True)
    return pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), pa.array([label(int(value)) for value in distinct]))
