"""The tail of a stage: which tasks stand out, what explains their extra time, and what a stage without it would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from analyzer.rules.base import Row
from analyzer.timeline.list_schedule import makespan_ms, peak_concurrency, split_tasks

Numbers: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tail:
    """The tasks of a stage that ran over `ratio` times its median, all times in ms."""

    median_ms: float
    p95_ms: float
    longest_ms: float
    members: npt.NDArray[np.bool_]
    """Whether each task is of the tail."""
    excess_ms: float
    """What they ran beyond the median, summed."""

    @property
    def tasks(self) -> int:
        """Tasks of the tail."""
        return int(np.count_nonzero(self.members))


def find_tail(durations_ms: Sequence[int], ratio: float) -> Tail:
    """The tail of a stage's successful tasks; P50 and P95 as Spark takes them, the element at floor(n x level)."""
    durations = _numbers(durations_ms)
    count = len(durations)
    middle, late = count // 2, min(count - 1, int(count * 0.95))
    ordered = np.partition(durations, (middle, late))
    p50 = float(ordered[middle])
    members = durations > ratio * p50
    return Tail(p50, float(ordered[late]), float(durations.max()), members, float((durations[members] - p50).sum()))


def explained_by_data(row: Row, tail: Tail, column: str) -> float:
    """The share (0 to 1) of the tail's extra time that a task of its size would take at the pace of the median task."""
    sizes = _numbers(row[column])
    middle = float(np.median(sizes))
    if middle <= 0 or tail.excess_ms <= 0:
        return 0.0
    durations = _numbers(row["durations_ms"])[tail.members]
    explained = np.maximum(0.0, np.minimum(durations, tail.median_ms * sizes[tail.members] / middle) - tail.median_ms)
    return min(1.0, float(explained.sum()) / tail.excess_ms)


def explained_by_time(row: Row, tail: Tail, column: str) -> float:
    """The share (0 to 1) of the tail's extra time that lies in `column` (ms) beyond the stage's median."""
    if tail.excess_ms <= 0:
        return 0.0
    values = _numbers(row[column])
    beyond = np.maximum(0.0, values[tail.members] - float(np.median(values)))
    return min(1.0, float(beyond.sum()) / tail.excess_ms)


def explained_by_start(row: Row, tail: Tail) -> float:
    """The share (0 to 1) of the extra time in first tasks of executors; 0 where most tasks of the stage are first ones.

    0 as well where as many first tasks took no longer than others: a start would have slowed those, too.
    """
    first = np.asarray(row["first_on_slot"]) > 0
    others, slow = first[~tail.members], first & tail.members
    quick = int(np.count_nonzero(others))
    if tail.excess_ms <= 0 or not len(others) or quick * 2 >= len(others) or quick >= int(np.count_nonzero(slow)):
        return 0.0
    return excess_of(row, tail, slow) / tail.excess_ms


def explained_by_spill(row: Row, tail: Tail) -> float:
    """The share (0 to 1) of the extra time in tail tasks that spilled, where the stage's tasks mostly did not."""
    spilled = _numbers(row["spilled_bytes"]) > 0
    if int(np.count_nonzero(spilled)) * 2 >= len(spilled) or tail.excess_ms <= 0:
        return 0.0
    return excess_of(row, tail, spilled & tail.members) / tail.excess_ms


def explained_by_host(row: Row, tail: Tail) -> float:
    """The share (0 to 1) of the extra time on the one host that has most of it; 0 where the stage ran on less than three."""
    names, host = np.unique(np.asarray(row["hosts"]), return_inverse=True)
    if len(names) < 3 or tail.tasks < 3 or tail.excess_ms <= 0:
        return 0.0
    beyond = _numbers(row["durations_ms"])[tail.members] - tail.median_ms
    return float(np.bincount(host[tail.members], weights=beyond).max()) / tail.excess_ms


def excess_of(row: Row, tail: Tail, which: npt.NDArray[np.bool_]) -> float:
    """What some of the stage's tasks ran beyond its median, in ms."""
    return float((_numbers(row["durations_ms"])[which] - tail.median_ms).sum())


@dataclass(frozen=True, slots=True)
class StageReplay:
    """A stage's tasks in launch order, to be run again on so many slots."""

    durations: Numbers
    members: npt.NDArray[np.bool_]
    median_ms: float
    slots: int
    makespan_ms: float
    """As they were."""

    @property
    def saved_by_cutting_ms(self) -> float:
        """Wall time that the stage would be shorter by with its tail cut into median pieces."""
        shortest = float(self.durations[self.members].min(initial=np.inf))
        return self._saved_ms(split_tasks(self.durations, self.median_ms, shortest - 1))

    @property
    def saved_at_median_ms(self) -> float:
        """Wall time that the stage would be shorter by with its tail at the median."""
        return self._saved_ms(np.where(self.members, self.median_ms, self.durations).tolist())

    def _saved_ms(self, durations_ms: Sequence[float]) -> float:
        return max(0.0, self.makespan_ms - makespan_ms(durations_ms, self.slots))


def replayed(row: Row, tail: Tail, slots: int) -> StageReplay:
    """The stage of a row, replayed as it was."""
    order = np.lexsort((np.asarray(row["task_ids"]), np.asarray(row["launches_ms"])))
    durations = _numbers(row["durations_ms"])[order]
    return StageReplay(durations, tail.members[order], tail.median_ms, slots, makespan_ms(durations.tolist(), slots))


def window_of(row: Row) -> tuple[float, float]:
    """First launch to last finish of the stage, in Unix ms."""
    start_ms = float(np.min(row["launches_ms"]))
    return start_ms, start_ms + row["window_ms"]


def slots_of(row: Row, task_cpus: int) -> tuple[int, float]:
    """Slots to replay on, and the mean number of cores alive while the stage ran (from its own tasks where that is not known)."""
    peak = peak_concurrency(row["launches_ms"], row["durations_ms"])
    alive = row["cores_alive_ms"] / row["window_ms"] if row["window_ms"] > 0 else 0.0
    if alive <= 0:
        return max(1, peak), float(max(1, peak) * task_cpus)
    return max(1, min(peak, int(alive // task_cpus))), alive


def _numbers(values: Any) -> Numbers:
    return np.asarray(values, dtype=np.float64)
