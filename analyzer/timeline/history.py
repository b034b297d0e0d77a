"""What happened in one application, as columns: executors with their lives, stages, jobs, and every task once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Ints: TypeAlias = npt.NDArray[np.int64]
Flags: TypeAlias = npt.NDArray[np.bool_]
UNKNOWN = -1
"""An executor of a task that the store does not know, a time that was never seen, a partition that Spark did not report."""


@dataclass(frozen=True, slots=True)
class ExecutorLives:
    """Executors, one element each: their ids, cores, and the Unix ms of their addition and removal (the application's end where none)."""

    ids: Sequence[str]
    cores: Ints
    added_ms: Ints
    removed_ms: Ints
    memory_bytes: Ints

    @property
    def allocated_core_ms(self) -> Ints:
        """Lifetime times cores of each executor."""
        return ints(np.maximum(self.removed_ms - self.added_ms, 0) * self.cores)


@dataclass(frozen=True, slots=True)
class StageAttempts:
    """Stage attempts, one element each; times in Unix ms, UNKNOWN where never seen."""

    ids: Ints
    attempts: Ints
    names: Sequence[str]
    submitted_ms: Ints
    completed_ms: Ints
    parent_ids: Sequence[Sequence[int]]
    """Stage ids as Spark named them; stages that were skipped never ran."""


@dataclass(frozen=True, slots=True)
class Job:
    """One job; `ended_ms` is the application's end where its end was never seen."""

    job_id: int
    started_ms: int
    ended_ms: int
    stage_ids: Sequence[int]


@dataclass(frozen=True, slots=True)
class Tasks:
    """Tasks, one element each however often a task ended. Times in Unix ms, durations in ms."""

    executor: Ints
    """Position in ExecutorLives, or UNKNOWN."""
    stage: Ints
    """Position in StageAttempts."""
    index: Ints
    partition: Ints
    launched_ms: Ints
    finished_ms: Ints
    first_try: Flags
    """Neither a speculative copy nor a retry."""
    speculative: Flags
    succeeded: Flags
    """At least one end of the task was a success."""
    output_lost: Flags
    """Resubmitted after its success: its output went with its executor."""
    killed: Flags
    measured: Flags
    """Its end carried metrics."""
    run_ms: Ints
    cpu_ms: Ints
    gc_ms: Ints
    fetch_wait_ms: Ints
    spilled_bytes: Ints
    moved_bytes: Ints
    """Input, output and shuffle writes: what a task reads and writes besides spill and fetched shuffle."""

    def __len__(self) -> int:
        return len(self.stage)


@dataclass(frozen=True, slots=True)
class History:
    """One application attempt from `started_ms` to `ended_ms` (the last event seen where it did not end)."""

    started_ms: int
    ended_ms: int
    ended: bool
    task_cpus: int
    executors: ExecutorLives
    stages: StageAttempts
    jobs: Sequence[Job]
    tasks: Tasks


def ints(values: Any) -> Ints:
    """Any numbers as a column."""
    return np.asarray(values, dtype=np.int64)
