"""Reading the history of an application out of the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from analyzer.profiles.application import Executor, Header, read_executors, read_header
from analyzer.timeline.history import UNKNOWN, ExecutorLives, Flags, History, Ints, Job, StageAttempts, Tasks, ints
from analyzer.timeline.order import order_by
from collector.storage import Store, load_sql

_SUCCEEDED, _KILLED, _RESUBMITTED = 0, 2, 3


def read_history(store: Store, app_id: str, attempt_id: str) -> History:
    """The history of one application attempt; ApplicationNotFound where the store holds no event of it."""
    header = read_header(store, app_id, attempt_id)
    return history_of(store, header, read_executors(store, header))


def history_of(store: Store, header: Header, executors: Sequence[Executor]) -> History:
    """The history of an application whose header and executors were read already."""
    key = {"app_id": header.app_id, "attempt_id": header.attempt_id}
    ends = store.query(load_sql(__file__, "tasks"), key)
    stages = _stages(store.query(load_sql(__file__, "stages"), key), ends)
    lives = _lives(executors)
    cpus = header.conf.get("spark.task.cpus", "1")
    return History(
        started_ms=header.start_ms,
        ended_ms=header.end_ms,
        ended=header.ended,
        task_cpus=max(1, int(cpus)) if cpus.isdigit() else 1,
        executors=lives,
        stages=stages,
        jobs=[
            Job(row["job_id"], row["started_ms"], header.end_ms if row["ended_ms"] == UNKNOWN else row["ended_ms"], row["stage_ids"])
            for row in store.rows(load_sql(__file__, "jobs"), key)
        ],
        tasks=_tasks(ends, stages, lives.ids),
    )


def _lives(executors: Sequence[Executor]) -> ExecutorLives:
    return ExecutorLives(
        ids=[e.executor_id for e in executors],
        cores=ints([e.cores for e in executors]),
        added_ms=ints([e.added_ms for e in executors]),
        removed_ms=ints([max(e.added_ms, e.removed_ms) for e in executors]),
        memory_bytes=ints([e.memory_bytes for e in executors]),
    )


def _stages(known: pa.Table, ends: pa.Table) -> StageAttempts:
    """The stage attempts of the store, and those that are known from their tasks only."""
    keys = _keys(_column(known, "stage_id"), _column(known, "stage_attempt_id"))
    extra = np.setdiff1d(_keys(_column(ends, "stage_id"), _column(ends, "stage_attempt_id")), keys)
    unknown = np.full(len(extra), UNKNOWN, np.int64)
    return StageAttempts(
        ids=np.concatenate([_column(known, "stage_id"), extra >> 32]),
        attempts=np.concatenate([_column(known, "stage_attempt_id"), extra & 0xFFFFFFFF]),
        names=[*known["name"].to_pylist(), *[""] * len(extra)],
        submitted_ms=np.concatenate([_column(known, "submitted_ms"), unknown]),
        completed_ms=np.concatenate([_column(known, "completed_ms"), unknown]),
        parent_ids=[*known["parent_ids"].to_pylist(), *[[]] * len(extra)],
    )


def _tasks(ends: pa.Table, stages: StageAttempts, executor_ids: Sequence[str]) -> Tasks:
    task_id, duration_ms = _column(ends, "task_id"), _column(ends, "duration_ms")
    launched_ms, ending = _column(ends, "launched_ms"), _column(ends, "ending")
    finished_ms = launched_ms + duration_ms
    # The row that speaks for a task is its success, else its last end.
    order = order_by(task_id, ints(ending == _SUCCEEDED), finished_ms)
    first = np.flatnonzero(np.diff(task_id[order], prepend=UNKNOWN) != 0)
    last = order[np.append(first[1:], len(order)) - 1] if len(order) else order
    attempt, speculative = _column(ends, "task_attempt")[last], _column(ends, "speculative")[last] > 0
    return Tasks(
        executor=_executor_of(ends["executor_id"], executor_ids)[last],
        stage=_stage_of(ends, stages)[last],
        index=_column(ends, "task_index")[last],
        partition=_column(ends, "partition_id")[last],
        launched_ms=np.minimum.reduceat(launched_ms[order], first) if len(first) else launched_ms,
        finished_ms=np.maximum.reduceat(finished_ms[order], first) if len(first) else finished_ms,
        first_try=(attempt == 0) & ~speculative,
        speculative=speculative,
        succeeded=_any(ending == _SUCCEEDED, order, first),
        output_lost=_any(ending == _RESUBMITTED, order, first),
        killed=_any(ending == _KILLED, order, first),
        measured=_column(ends, "has_metrics")[last] > 0,
        run_ms=_column(ends, "run_ms")[last],
        cpu_ms=_column(ends, "cpu_ms")[last],
        gc_ms=_column(ends, "gc_ms")[last],
        fetch_wait_ms=_column(ends, "fetch_wait_ms")[last],
        spilled_bytes=_column(ends, "spilled_bytes")[last],
        moved_bytes=_column(ends, "moved_bytes")[last],
    )


def _any(flag: Flags, order: Ints, first: Ints) -> Flags:
    return np.logical_or.reduceat(flag[order], first) if len(first) else flag


def _stage_of(ends: pa.Table, stages: StageAttempts) -> Ints:
    known = _keys(stages.ids, stages.attempts)
    order = np.argsort(known)
    keys = _keys(_column(ends, "stage_id"), _column(ends, "stage_attempt_id"))
    return ints(order[np.searchsorted(known, keys, sorter=order)]) if len(known) else keys


def _executor_of(column: pa.ChunkedArray, executor_ids: Sequence[str]) -> Ints:
    positions = {executor_id: place for place, executor_id in enumerate(executor_ids)}
    encoded = pc.dictionary_encode(column.cast(pa.string())).combine_chunks()
    if isinstance(encoded, pa.ChunkedArray):
        encoded = pa.concat_arrays(encoded.chunks) if encoded.num_chunks else pa.array([], pa.string()).dictionary_encode()
    lookup = ints([positions.get(name, UNKNOWN) for name in encoded.dictionary.to_pylist()])
    indices = ints(encoded.indices.to_numpy(zero_copy_only=False))
    return lookup[indices] if len(lookup) else indices


def _keys(high: Ints, low: Ints) -> Ints:
    return (high << 32) | low


def _column(table: pa.Table, name: str) -> Ints:
    values: Any = table[name].to_numpy()
    return ints(values)
