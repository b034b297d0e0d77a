"""The tail of a stage: which tasks stand out, what explains their extra time, and what a stage without it would take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from analyzer.rules.base import Row
from analyzer.timeline.list_schedule import makespan_ms, peak_concurrency, split_tasks


@dataclass(frozen=True, slots=True)
class Tail:
    """The tasks of a stage that ran over `ratio` times its median, all times in ms."""

    median_ms: float
    p95_ms: float
    longest_ms: float
    members: tuple[int, ...]
    """Positions of the tail's tasks."""
    excess_ms: float
    """What they ran beyond the median, summed."""


def find_tail(durations_ms: Sequence[int], ratio: float) -> Tail:
    """The tail of a stage's successful tasks; P50 and P95 as Spark takes them, the element at floor(n x level)."""
    ordered = sorted(durations_ms)
    p50 = float(ordered[len(ordered) // 2])
    members = tuple(i for i, d in enumerate(durations_ms) if d > ratio * p50)
    p95 = float(ordered[min(len(ordered) - 1, int(len(ordered) * 0.95))])
    return Tail(p50, p95, float(ordered[-1]), members, sum(durations_ms[i] - p50 for i in members))


def explained_by_data(row: Row, tail: Tail, column: str) -> float:
    """The share (0 to 1) of the tail's extra time that a task of its size would take at the pace of the median task."""
    sizes = row[column]
    middle = median(sizes)
    if middle <= 0 or tail.excess_ms <= 0:
        return 0.0
    durations = row["durations_ms"]
    explained = sum(max(0.0, min(durations[i], tail.median_ms * sizes[i] / middle) - tail.median_ms) for i in tail.members)
    return min(1.0, float(explained) / tail.excess_ms)


def explained_by_time(row: Row, tail: Tail, column: str) -> float:
    """The share (0 to 1) of the tail's extra time that lies in `column` (ms) beyond the stage's median."""
    values = row[column]
    if tail.excess_ms <= 0:
        return 0.0
    middle = median(values)
    return min(1.0, float(sum(max(0.0, values[i] - middle) for i in tail.members)) / tail.excess_ms)


def explained_by_start(row: Row, tail: Tail) -> float:
    """The share (0 to 1) of the extra time in first tasks of executors; 0 where most tasks of the stage are first ones.

    0 as well where as many first tasks took no longer than others: a start would have slowed those, too.
    """
    first = row["first_on_slot"]
    members = set(tail.members)
    others = [first[i] for i in range(len(first)) if i not in members]
    slow = [i for i in tail.members if first[i]]
    if tail.excess_ms <= 0 or not others or sum(others) * 2 >= len(others) or sum(others) >= len(slow):
        return 0.0
    return float(sum(row["durations_ms"][i] - tail.median_ms for i in slow)) / tail.excess_ms


def explained_by_host(row: Row, tail: Tail) -> float:
    """The share (0 to 1) of the extra time on the one host that has most of it; 0 where the stage ran on less than three."""
    hosts = row["hosts"]
    if len(set(hosts)) < 3 or len(tail.members) < 3 or tail.excess_ms <= 0:
        return 0.0
    excess: dict[str, float] = {}
    for i in tail.members:
        excess[hosts[i]] = excess.get(hosts[i], 0.0) + row["durations_ms"][i] - tail.median_ms
    return max(excess.values()) / tail.excess_ms


def recoverable_ms(row: Row, tail: Tail, slots: int) -> tuple[float, float]:
    """Wall time that the stage would be shorter by: with the tail cut into median pieces, and with the tail at the median."""
    durations = row["durations_ms"]
    threshold = min(durations[i] for i in tail.members) if tail.members else float("inf")
    members = set(tail.members)
    actual = makespan_ms(durations, slots)
    split = makespan_ms(split_tasks(durations, tail.median_ms, threshold - 1), slots)
    capped = makespan_ms([tail.median_ms if i in members else d for i, d in enumerate(durations)], slots)
    return max(0.0, actual - split), max(0.0, actual - capped)


def window_of(row: Row) -> tuple[float, float]:
    """First launch to last finish of the stage, in Unix ms."""
    start_ms = float(min(row["launches_ms"]))
    return start_ms, start_ms + row["window_ms"]


def slots_of(row: Row, task_cpus: int) -> tuple[int, float]:
    """Slots to replay on, and the mean number of cores alive while the stage ran (from its own tasks where that is not known)."""
    peak = peak_concurrency(row["launches_ms"], row["durations_ms"])
    alive = row["cores_alive_ms"] / row["window_ms"] if row["window_ms"] > 0 else 0.0
    if alive <= 0:
        return max(1, peak), float(max(1, peak) * task_cpus)
    return max(1, min(peak, int(alive // task_cpus))), alive
