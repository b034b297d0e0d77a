"""Where the core time went that an application paid for: an exact partition of executor lifetime times cores.

Everything is counted in whole core-milliseconds, so the parts of an executor sum to its lifetime times its cores, and
those of the application to the sum over executors, without a remainder.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzer.timeline.history import History, Ints
from analyzer.timeline.inside_tasks import inside, reports_cpu
from analyzer.timeline.order import order_by
from analyzer.timeline.outcome import LOSER, RERUN, USEFUL, outcomes
from analyzer.timeline.parts import PARTS, POSITION
from analyzer.timeline.slots import HeldSlots, held_slots
from analyzer.timeline.spans import Spans, union
from analyzer.timeline.stragglers import StageWindows, freed_slots, stage_windows


@dataclass(frozen=True, slots=True)
class Waterfall:
    """Core-ms by part; columns as PARTS. `by_stage` holds what tasks of a stage attempt held; idle time belongs to no stage."""

    by_executor: Ints
    by_stage: Ints
    clipped_over_cores: int
    clipped_outside_life: int
    unknown_executor: int
    """The three above: task time that is in no part, because it does not fit what was allocated (see HeldSlots)."""
    idle_while_open: int
    """Idle core-ms since the first stage began that never ended, in an application whose end was not seen: tasks may have run unseen."""
    cpu_reported: bool
    """False: waits for input and output could not be told from CPU time."""

    @property
    def allocated_core_ms(self) -> int:
        """Sum over executors of lifetime times cores: the sum of all parts."""
        return int(self.by_executor.sum())

    @property
    def parts(self) -> dict[str, int]:
        """Core-ms of the application by name of the part, in the order of PARTS."""
        return {part.name: int(total) for part, total in zip(PARTS, self.by_executor.sum(axis=0), strict=True)}


def waterfall(history: History) -> Waterfall:
    """Divide the core time of an application's executors."""
    held = held_slots(history)
    by_executor, idle_while_open = _idle(history, held)
    by_stage = np.zeros((len(history.stages.ids), len(PARTS)), np.int64)
    known = history.tasks.executor >= 0
    for name, core_ms in _in_tasks(history, held).items():
        by_executor[:, POSITION[name]] = _sums(history.tasks.executor[known], core_ms[known], len(history.executors.ids))
        by_stage[:, POSITION[name]] = _sums(history.tasks.stage, core_ms, len(history.stages.ids))
    return Waterfall(
        by_executor=by_executor,
        by_stage=by_stage,
        clipped_over_cores=held.clipped_over_cores,
        clipped_outside_life=held.clipped_outside_life,
        unknown_executor=held.unknown_executor,
        idle_while_open=idle_while_open,
        cpu_reported=reports_cpu(history.tasks),
    )


def _sums(place: Ints, values: Ints, count: int) -> Ints:
    """Sums by place, in integers: numpy's bincount adds floats, exact up to 2^53."""
    return np.bincount(place, weights=values.astype(np.float64), minlength=count).astype(np.int64)


def _in_tasks(history: History, held: HeldSlots) -> dict[str, Ints]:
    """Core-ms of each task by part."""
    tasks = history.tasks
    outcome = outcomes(tasks, history.stages)
    held_ms = held.end_ms - held.start_ms
    weight = np.append(held.cores_a_task, 0)[tasks.executor]  # position -1, an unknown executor, takes the 0 at the end
    parts = inside(tasks, held_ms, outcome == USEFUL)
    parts["failed_or_rerun"] = np.where(outcome == RERUN, held_ms, 0)
    parts["speculative_losers"] = np.where(outcome == LOSER, held_ms, 0)
    return {name: core_ms * weight for name, core_ms in parts.items()}


def _idle(history: History, held: HeldSlots) -> tuple[Ints, int]:
    """Core-ms of each executor without a task, by part, and how much of it lies where tasks may have run unseen."""
    tasks, lives = history.tasks, history.executors
    result = np.zeros((len(lives.ids), len(PARTS)), np.int64)
    if len(lives.ids) == 0:
        return result, 0
    windows = stage_windows(history, held)
    segments = _segments(history, held, windows)
    ran = held.end_ms > held.start_ms
    first, last = lives.removed_ms.copy(), lives.added_ms.copy()
    np.minimum.at(first, tasks.executor[ran], held.start_ms[ran])
    np.maximum.at(last, tasks.executor[ran], held.end_ms[ran])

    who, start, end = segments.executor, segments.start_ms, segments.end_ms
    unused = last[who] <= lives.added_ms[who]
    before = (start < first[who]) | unused
    after = (start >= last[who]) & ~before
    weight, length = held.cores_a_task[who], end - start
    idle = lives.cores[who] - segments.running * weight
    waiting = np.where(before, 0, np.minimum(held.slots[who] - segments.running, segments.freed) * weight)
    rest = idle - waiting
    count = len(lives.ids)
    result[:, POSITION["ramp_up"]] = _sums(who, np.where(before, idle, 0) * length, count)
    result[:, POSITION["waiting_on_stragglers"]] = _sums(who, waiting * length, count)
    result[:, POSITION["released_late"]] = _sums(who, np.where(after, rest, 0) * length, count)
    between = ~before & ~after & (rest > 0)
    for name, lengths in _by_what_ran(history, windows, start[between], end[between]).items():
        result[:, POSITION[name]] = _sums(who[between], rest[between] * lengths, count)
    return result, int((idle * np.maximum(0, end - np.maximum(start, _open_since(history)))).sum())


def _open_since(history: History) -> int:
    """When the first stage began that never ended; after all time where its end was seen or no stage is open."""
    stages = history.stages
    is_open = (stages.submitted_ms >= 0) & (stages.completed_ms < 0)
    latest = np.iinfo(np.int64).max
    return latest if history.ended or not is_open.any() else int(stages.submitted_ms[is_open].min())


@dataclass(frozen=True, slots=True)
class _Segments:
    """Stretches of executors' lives in which nothing changes: one element each."""

    executor: Ints
    start_ms: Ints
    end_ms: Ints
    running: Ints
    freed: Ints


def _segments(history: History, held: HeldSlots, windows: StageWindows) -> _Segments:
    tasks, lives = history.tasks, history.executors
    ran = held.end_ms > held.start_ms
    freed_who, freed_when, freed_by = freed_slots(history, held, windows)
    everyone = np.arange(len(lives.ids))
    who = np.concatenate([tasks.executor[ran], tasks.executor[ran], everyone, everyone, freed_who])
    when = np.concatenate([held.start_ms[ran], held.end_ms[ran], lives.added_ms, lives.removed_ms, freed_when])
    task_count, nothing = int(ran.sum()), np.zeros(2 * len(lives.ids), np.int64)
    ones = np.ones(task_count, np.int64)
    running_by = np.concatenate([ones, -ones, nothing, np.zeros(len(freed_by), np.int64)])
    freed_change = np.concatenate([np.zeros(2 * task_count, np.int64), nothing, freed_by])
    order = order_by(who, when)
    who, when = who[order], when[order]
    # The changes of one executor sum to 0, so one running sum serves all.
    running, freed = np.cumsum(running_by[order]), np.cumsum(freed_change[order])
    lasts = (who[1:] == who[:-1]) & (when[1:] > when[:-1])
    return _Segments(who[:-1][lasts], when[:-1][lasts], when[1:][lasts], running[:-1][lasts], freed[:-1][lasts])


def _by_what_ran(history: History, windows: StageWindows, start: Ints, end: Ints) -> dict[str, Ints]:
    """The ms of each span by what the application did meanwhile; they sum to its length."""
    tasks, stages, jobs = history.tasks, history.stages, history.jobs
    busy = union(tasks.launched_ms, tasks.finished_ms)
    waiting = union(windows.begun_ms, windows.last_launch_ms)
    seen = (stages.submitted_ms >= 0) & (stages.completed_ms >= 0)
    declared = union(
        np.concatenate([np.asarray([j.started_ms for j in jobs], dtype=np.int64), stages.submitted_ms[seen]]),
        np.concatenate([np.asarray([j.ended_ms for j in jobs], dtype=np.int64), stages.completed_ms[seen]]),
    )
    in_task = _within(busy, start, end)
    in_task_or_waiting = _within(busy.joined(waiting), start, end)
    in_any = _within(busy.joined(declared), start, end)
    too_few = in_task_or_waiting - _within(waiting, start, end)
    return {
        "driver_only": end - start - in_any,
        "between_stages": in_any - in_task,
        "too_few_tasks": too_few,
        "other_idle": in_task - too_few,
    }


def _within(spans: Spans, start: Ints, end: Ints) -> Ints:
    return spans.before(end) - spans.before(start)
