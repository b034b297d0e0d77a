"""Slots that a stage has freed and that wait for the stage's last tasks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzer.timeline.history import History, Ints, ints
from analyzer.timeline.order import order_by
from analyzer.timeline.slots import HeldSlots


@dataclass(frozen=True, slots=True)
class StageWindows:
    """When each stage attempt began to have tasks that could run, launched its last one, and finished; in ms, one element an attempt."""

    begun_ms: Ints
    last_launch_ms: Ints
    """Of first tries: a retry or a speculative copy is launched because the stage waits."""
    last_finish_ms: Ints


def stage_windows(history: History, held: HeldSlots) -> StageWindows:
    """The windows of all stage attempts. One whose tasks were never seen waits until it completed, or to the end where it did not."""
    tasks, count = history.tasks, len(history.stages.ids)
    far = np.iinfo(np.int64).max
    first, launched, finished = np.full(count, far), np.full(count, -far), np.full(count, -far)
    np.minimum.at(first, tasks.stage, tasks.launched_ms)
    np.maximum.at(launched, tasks.stage[tasks.first_try], tasks.launched_ms[tasks.first_try])
    np.maximum.at(finished, tasks.stage, held.end_ms)
    ran = first < far
    submitted, completed = history.stages.submitted_ms, history.stages.completed_ms
    over = np.where((submitted >= 0) & (completed >= submitted), completed, history.ended_ms)
    first = np.where(ran, first, over)
    launched = np.where(launched > -far, launched, first)
    return StageWindows(
        begun_ms=np.where(submitted >= 0, np.minimum(submitted, first), first),
        last_launch_ms=launched,
        last_finish_ms=np.where(ran, np.maximum(finished, launched), first),
    )


def freed_slots(history: History, held: HeldSlots, windows: StageWindows) -> tuple[Ints, Ints, Ints]:
    """Changes of the number of freed slots: executor, time in ms, change.

    From the launch of a stage's last task on, an executor has as many freed slots as it ran tasks of the stage at most at one
    time, less those that still run; none once the stage has finished. The changes of an executor sum to 0.
    """
    tasks, lives = history.tasks, history.executors
    early = (held.end_ms > held.start_ms) & (held.start_ms <= windows.last_launch_ms[tasks.stage])
    group_of, place = np.unique((tasks.executor[early] << 32) | tasks.stage[early], return_inverse=True)
    start, end = held.start_ms[early], held.end_ms[early]
    launch = windows.last_launch_ms[tasks.stage[early]]
    peak = _peaks(ints(place), start, end, len(group_of))
    late = end > launch
    running = np.bincount(place[late], minlength=len(group_of))
    executor, stage = group_of >> 32, group_of & 0xFFFFFFFF
    when = np.concatenate([windows.last_launch_ms[stage], end[late], windows.last_finish_ms[stage]])
    who = np.concatenate([executor, tasks.executor[early][late], executor])
    change = np.concatenate([peak - running, np.ones(int(late.sum()), np.int64), -peak])
    return who, np.clip(when, lives.added_ms[who], lives.removed_ms[who]), change


def _peaks(group: Ints, start: Ints, end: Ints, groups: int) -> Ints:
    """The most spans at one time in each group; at equal times an end counts before a start."""
    origin = int(start.min()) if len(start) else 0
    both = np.concatenate([group, group])
    order = order_by(both, np.concatenate([(start - origin) * 2 + 1, (end - origin) * 2]))
    change = np.where(order < len(start), 1, -1)
    peak = np.zeros(groups, np.int64)
    np.maximum.at(peak, both[order], np.cumsum(change))
    return peak
