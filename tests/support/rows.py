"""Small Arrow tables of the raw tables' shape."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

TIME = pa.timestamp("ms", "UTC")
DAY_MS = 86_400_000
MIDNIGHT_MS = 1_795_392_000_000
"""2026-11-23T00:00:00Z"""


def labels(*values: str) -> Any:
    """A dictionary-encoded column."""
    return pa.array(values).dictionary_encode()


def application_starts(*app_ids: str) -> pa.Table:
    """Rows of `applications`: one start each."""
    count = len(app_ids)
    return pa.table(
        {
            "app_id": pa.array(app_ids),
            "attempt_id": labels(*[""] * count),
            "event": labels(*["start"] * count),
            "time": pa.array([MIDNIGHT_MS] * count, TIME),
            "name": pa.array(["daily orders"] * count),
            "user": labels(*["etl"] * count),
            "spark_version": labels(*["4.1.0"] * count),
            "exit_code": pa.array([None] * count, pa.int32()),
        }
    )


def tasks(app_id: str, count: int, *, first_task_id: int = 0, launch_ms: int = MIDNIGHT_MS, apart_ms: int = 1000) -> pa.Table:
    """Rows of `tasks`: `count` successful tasks of one stage, launched one after the other."""
    return pa.table(
        {
            "app_id": labels(*[app_id] * count),
            "attempt_id": labels(*[""] * count),
            "stage_id": pa.array([3] * count, pa.uint32()),
            "stage_attempt_id": pa.array([0] * count, pa.uint32()),
            "task_id": pa.array(range(first_task_id, first_task_id + count), pa.uint64()),
            "end_reason": labels(*["Success"] * count),
            "status": labels(*["succeeded"] * count),
            "host": labels(*[f"ip-10-0-0-{index % 3}" for index in range(count)]),
            "launch_time": pa.array([launch_ms + index * apart_ms for index in range(count)], TIME),
            "duration_ms": pa.array([100] * count, pa.uint64()),
        }
    )
