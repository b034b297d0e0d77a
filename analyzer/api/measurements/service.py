"""From rows of counters to answers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from analyzer.api.measurements.schemas import FileSystem, FileSystemOfExecutor, StageFileSystems, StorageIO
from collector.storage import Store, load_sql

MAX_ROWS = 50_000
"""Counters of one answer."""
TASKS = "tasks"


def storage_io(store: Store, app_id: str, attempt_id: str, detail: str) -> StorageIO:
    """Totals by file system, and by process or stage attempt where asked for."""
    key = {"app_id": app_id, "attempt_id": attempt_id, "rows": MAX_ROWS}
    totals = store.rows(load_sql(__file__, "storage_io"), {**key, "by_executor": 0})
    executors = store.rows(load_sql(__file__, "storage_io"), {**key, "by_executor": 1}) if detail == "executors" else []
    stages = store.rows(load_sql(__file__, "stage_io"), key) if detail == "stages" else []
    return StorageIO(
        app_id=app_id,
        attempt_id=attempt_id,
        measured=bool(totals),
        file_systems=[FileSystem(scheme=scheme, bucket=bucket, counters=c) for (scheme, bucket), c in _by(totals, "scheme", "bucket")],
        executors=[
            FileSystemOfExecutor(executor_id=executor_id, scheme=scheme, bucket=bucket, counters=counters)
            for (executor_id, scheme, bucket), counters in _by(executors, "of_executor", "scheme", "bucket")
        ],
        stages=[
            StageFileSystems(stage_id=stage_id, stage_attempt_id=stage_attempt_id, tasks=counters.pop(TASKS, 0), counters=counters)
            for (stage_id, stage_attempt_id), counters in _by(stages, "stage_id", "stage_attempt_id")
        ],
        truncated=max(len(totals), len(executors), len(stages)) == MAX_ROWS,
    )


def _by(rows: Iterable[Mapping[str, Any]], *names: str) -> Iterable[tuple[tuple[Any, ...], dict[str, int]]]:
    counters: defaultdict[tuple[Any, ...], dict[str, int]] = defaultdict(dict)
    for row in rows:
        counters[tuple(row[name] for name in names)][row["metric"]] = row["value"]
    return counters.items()
