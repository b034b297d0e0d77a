"""Fitting tasks into the slots of their executors: what does not fit is clipped, and the clipped amount is told."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from analyzer.timeline.history import Flags, History, Ints


@dataclass(frozen=True, slots=True)
class HeldSlots:
    """When each task held a slot, from `start_ms` to `end_ms`; equal where it held none. Clipped amounts in core-ms."""

    start_ms: Ints
    end_ms: Ints
    cores_a_task: Ints
    """Of each executor."""
    slots: Ints
    """Of each executor."""
    clipped_over_cores: int
    """More tasks at once than slots: Spark's finish time is the driver's and holds the result fetch."""
    clipped_outside_life: int
    """Task time before the addition or after the removal of its executor."""
    unknown_executor: int
    """Time of tasks on executors that the store does not know; they are in no allocation."""


def held_slots(history: History) -> HeldSlots:
    """Each task within the life and the slots of its executor; where slots lack, a task counts from when one was free."""
    tasks, lives = history.tasks, history.executors
    weight = np.minimum(history.task_cpus, np.maximum(lives.cores, 1))
    slots = lives.cores // weight
    known = tasks.executor >= 0
    executor = np.maximum(tasks.executor, 0)
    duration = np.maximum(tasks.finished_ms - tasks.launched_ms, 0)
    if len(lives.ids) == 0:
        unknown_only = int(duration.sum()) * history.task_cpus
        return HeldSlots(tasks.launched_ms, tasks.launched_ms.copy(), weight, slots, 0, 0, unknown_only)
    start = np.clip(tasks.launched_ms, lives.added_ms[executor], lives.removed_ms[executor])
    end = np.maximum(start, np.clip(tasks.finished_ms, lives.added_ms[executor], lives.removed_ms[executor]))
    end = np.where(known, end, start)
    within = end - start
    fitted = start.copy()
    for place in np.flatnonzero(_overloaded(executor, start, end, slots)):
        _fit(fitted, start, end, np.flatnonzero(known & (executor == place)), int(slots[place]))
    return HeldSlots(
        start_ms=fitted,
        end_ms=end,
        cores_a_task=weight,
        slots=slots,
        clipped_over_cores=int(((fitted - start) * weight[executor]).sum()),
        clipped_outside_life=int((np.where(known, duration - within, 0) * weight[executor]).sum()),
        unknown_executor=int(duration[~known].sum()) * history.task_cpus,
    )


def _overloaded(executor: Ints, start: Ints, end: Ints, slots: Ints) -> Flags:
    """Executors that had more tasks at one time than slots; at equal times an end counts before a start."""
    real = end > start
    executor, start, end = executor[real], start[real], end[real]
    origin = int(start.min()) if len(start) else 0
    key = np.sort(np.concatenate([_key(executor, start - origin, 1), _key(executor, end - origin, 0)]))
    running = np.cumsum((key & 1) * 2 - 1)
    peak = np.zeros(len(slots), np.int64)
    np.maximum.at(peak, key >> 45, running)
    return peak > slots


def _key(executor: Ints, time: Ints, starts: int) -> Ints:
    """Sorts by executor, then time, then ends before starts: 44 bits of milliseconds are 557 years."""
    return (executor << 45) | (time << 1) | starts


def _fit(fitted: Ints, start: Ints, end: Ints, which: Ints, slots: int) -> None:
    """Give each task the slot that is free first, in order of launch; it counts from when that slot is free."""
    if slots == 0:
        fitted[which] = end[which]
        return
    order = which[np.lexsort((end[which], start[which]))]
    free_at = [int(start[order[0]])] * slots
    for place in order.tolist():
        begun = max(int(start[place]), free_at[0])
        if begun >= end[place]:
            fitted[place] = end[place]
        else:
            fitted[place] = begun
            heapq.heapreplace(free_at, int(end[place]))
