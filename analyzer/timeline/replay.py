"""A discrete-event replay of an application on other executors.

Slots are a heap of whole numbers, the time at which a slot is free above the number of its executor, so that the loop over
tasks is one `heapreplace` a task: between two events (a stage that becomes ready, an executor that comes or goes, a request
for executors) the slots go to the tasks of one stage, and nothing else needs a decision. Where no executor ever leaves,
the slots are plain times.
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.timeline.allocation import Allocation
from analyzer.timeline.plan import Plan

BITS = 20
_NEVER = 1 << 60
_JOB, _STAGE, _STAGE_DONE, _JOB_DONE, _ARRIVE, _LEAVE, _TICK = range(7)
OTHER_EVENTS = 7
"""Kinds of events from here on belong to derived simulations."""


class CannotReplay(ValueError):
    """The configuration can never run the application's tasks."""


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay predicts: wall time, and the life of every executor from the application's start, all ms."""

    wall_ms: int
    lives_ms: Sequence[tuple[int, int]]
    cores: Sequence[int]
    """Of each of these executors."""

    @property
    def executor_ms(self) -> int:
        return sum(left - came for came, left in self.lives_ms)

    @property
    def core_ms(self) -> int:
        return sum((left - came) * cores for (came, left), cores in zip(self.lives_ms, self.cores, strict=True))


def replay(plan: Plan, allocation: Allocation) -> Replayed:
    """Run a plan on executors; CannotReplay where tasks would wait for ever."""
    return Simulation(plan, allocation).run()


@dataclass(slots=True)
class Ready:
    """A stage with tasks to launch; ordered as Spark's FIFO scheduler orders them."""

    priority: int
    stage_id: int
    place: int
    next_task: int = 0
    last_finish: int = 0

    def __lt__(self, other: Ready) -> bool:
        return (self.priority, self.stage_id, self.place) < (other.priority, other.stage_id, other.place)


@dataclass(slots=True)
class Simulation:
    """One replay; `run` once."""

    plan: Plan
    allocation: Allocation
    now: int = 0
    calendar: list[tuple[int, int, int]] = field(default_factory=list)
    ready: list[Ready] = field(default_factory=list)
    free_at: list[int] = field(default_factory=list)
    came: list[int] = field(default_factory=list)
    left: list[int | None] = field(default_factory=list)
    cores: list[int] = field(default_factory=list)
    alive: int = 0
    requested: int = 0
    """Asked for and not registered yet."""
    next_request: int = 1
    ticking: bool = False
    backlog: int = 0
    """Numbers the times in which tasks wait: a tick of an earlier one is void."""
    waiting_parents: list[int] = field(default_factory=list)
    children: list[list[int]] = field(default_factory=list)
    stages_left: list[int] = field(default_factory=list)
    roots: list[list[int]] = field(default_factory=list)
    ended: list[bool] = field(default_factory=list)
    ended_prefix: int = 0
    followers: dict[int, list[int]] = field(default_factory=dict)
    last_job_end: int = 0
    bits: int = 0
    """Bits of an executor's number in an element of `free_at`: 0 where no executor leaves and none needs to be known."""
    durations: list[Sequence[int]] = field(default_factory=list)
    """Of the tasks of each stage."""

    def run(self) -> Replayed:
        if self.allocation.dynamic is not None and self.allocation.dynamic.most < 1:
            raise CannotReplay("cannot replay with at most 0 executors: expected one or more")
        self._prepare()
        while True:
            if self.ready and self.free_at:
                self._launch()
            elif not self.calendar:
                break
            if self.calendar and not (self.ready and self.free_at and self._free_before_next_event()):
                self._next_event()
        if self.ready or self.ended_prefix < len(self.plan.jobs):
            raise CannotReplay("tasks wait for executors that never come: expected one executor at least")
        wall = self.last_job_end + self.plan.end_gap_ms
        self._release_idle(wall)
        lives = [(came, wall if left is None else min(left, wall)) for came, left in zip(self.came, self.left, strict=True)]
        lived = [place for place, (came, left) in enumerate(lives) if came < left]
        return Replayed(wall, [lives[place] for place in lived], [self.cores[place] for place in lived])

    def _prepare(self) -> None:
        if self.allocation.dynamic is not None or any(leave is not None for leave in self.allocation.leaves_ms):
            self.bits = BITS
        self.durations = [stage.durations_ms for stage in self.plan.stages]
        jobs, stages = self.plan.jobs, self.plan.stages
        self.children = [[] for _ in stages]
        self.roots = [[] for _ in jobs]
        self.stages_left = [0] * len(jobs)
        self.ended = [False] * len(jobs)
        for place, stage in enumerate(stages):
            self.waiting_parents.append(len(stage.parents))
            self.stages_left[stage.job] += 1
            for parent in stage.parents:
                self.children[parent].append(place)
            if not stage.parents:
                self.roots[stage.job].append(place)
        for number, job in enumerate(jobs):
            if job.after == 0:
                self._at(job.gap_ms, _JOB, number)
            else:
                self.followers.setdefault(job.after, []).append(number)
        for arrival, leave in zip(self.allocation.arrivals_ms, self.allocation.leaves_ms, strict=True):
            executor = self._new_executor(arrival)
            self.requested += 1
            self._at(arrival, _ARRIVE, executor)
            if leave is not None:
                self._at(max(leave, arrival), _LEAVE, executor)

    def _at(self, time: int, kind: int, what: int) -> None:
        heapq.heappush(self.calendar, (time, kind, what))

    def _free_before_next_event(self) -> bool:
        return max(self.free_at[0] >> self.bits, self.now) < self.calendar[0][0]

    def _launch(self) -> None:
        """Give slots to the first ready stage until its tasks are all launched, or the next event comes."""
        stage = self.ready[0]
        durations = self.durations[stage.place]
        horizon = self.calendar[0][0] if self.calendar else _NEVER
        if self.bits:
            self._launch_on_executors(stage, durations, horizon)
        else:
            self._launch_on_slots(stage, durations, horizon)
        if stage.next_task == len(durations):
            heapq.heappop(self.ready)
            if not self.ready:
                self.next_request, self.ticking, self.backlog = 1, False, self.backlog + 1
            self._at(max(stage.last_finish, self.now) + self.plan.stages[stage.place].tail_ms, _STAGE_DONE, stage.place)

    def _launch_on_slots(self, stage: Ready, durations: Sequence[int], horizon: int) -> None:
        now, last, free_at, replace = self.now, stage.last_finish, self.free_at, heapq.heapreplace
        if free_at[0] < now:
            free_at[:] = [now if at < now else at for at in free_at]  # keeps the heap's order
        place, count = stage.next_task, len(durations)
        if horizon == _NEVER:
            # Nothing else runs, so that the slot that is busy longest is busy with this stage.
            for duration in durations[place:]:
                replace(free_at, free_at[0] + duration)
            stage.next_task, stage.last_finish = count, max(last, *free_at)
            return
        while place < count:
            start = free_at[0]
            if start >= horizon:
                break
            finish = start + durations[place]
            if finish > last:
                last = finish
            replace(free_at, finish)
            place += 1
        stage.next_task, stage.last_finish = place, last

    def _launch_on_executors(self, stage: Ready, durations: Sequence[int], horizon: int) -> None:
        now, last, free_at, replace = self.now, stage.last_finish, self.free_at, heapq.heapreplace
        bits, mask = self.bits, (1 << self.bits) - 1
        place, count = stage.next_task, len(durations)
        while place < count and now < horizon and free_at[0] >> bits < now:
            finish = now + durations[place]
            last = max(last, finish)
            replace(free_at, (finish << bits) | (free_at[0] & mask))
            place += 1
        # From here on each task starts when its slot becomes free.
        bound, latest = horizon << bits if now < horizon else 0, last << bits
        while place < count:
            slot = free_at[0]
            if slot >= bound:
                break
            slot += durations[place] << bits
            if slot > latest:
                latest = slot
            replace(free_at, slot)
            place += 1
        stage.next_task, stage.last_finish = place, latest >> bits

    def _next_event(self) -> None:
        self.now, kind, what = heapq.heappop(self.calendar)
        self._happen(kind, what)

    def _happen(self, kind: int, what: int) -> None:
        """Let an event take effect; a derived simulation handles its own kinds before it comes here."""
        if kind == _STAGE:
            self._stage_ready(what)
        elif kind == _STAGE_DONE:
            self._stage_done(what)
        elif kind == _JOB:
            self._job_starts(what)
        elif kind == _JOB_DONE:
            self._job_ends(what)
        elif kind == _ARRIVE:
            self._arrive(what)
        elif kind == _LEAVE:
            self._leave(what)
        elif what == self.backlog:
            self._request()

    def _job_starts(self, job: int) -> None:
        if self.stages_left[job] == 0:
            self._at(self.now + self.plan.jobs[job].tail_ms, _JOB_DONE, job)
        for place in self.roots[job]:
            self._at(self.now + self.plan.stages[place].gap_ms, _STAGE, place)

    def _stage_ready(self, place: int) -> None:
        stage = self.plan.stages[place]
        if not self.ready:
            self._release_idle(self.now)
        if stage.durations_ms:
            heapq.heappush(self.ready, Ready(stage.priority, stage.stage_id, place, last_finish=self.now))
            self._start_ticking()
        else:
            self._at(self.now + stage.tail_ms, _STAGE_DONE, place)

    def _stage_done(self, place: int) -> None:
        for child in self.children[place]:
            self.waiting_parents[child] -= 1
            if self.waiting_parents[child] == 0:
                self._at(self.now + self.plan.stages[child].gap_ms, _STAGE, child)
        job = self.plan.stages[place].job
        self.stages_left[job] -= 1
        if self.stages_left[job] == 0:
            self._at(self.now + self.plan.jobs[job].tail_ms, _JOB_DONE, job)

    def _job_ends(self, job: int) -> None:
        self.ended[job] = True
        self.last_job_end = self.now
        while self.ended_prefix < len(self.ended) and self.ended[self.ended_prefix]:
            self.ended_prefix += 1
            for follower in self.followers.get(self.ended_prefix, ()):
                self._at(self.now + self.plan.jobs[follower].gap_ms, _JOB, follower)

    def _new_executor(self, arrival: int) -> int:
        self.came.append(arrival)
        self.left.append(None)
        self.cores.append(self.allocation.cores_of(len(self.came) - 1))
        return len(self.came) - 1

    def _arrive(self, executor: int) -> None:
        self.requested -= 1
        if not self.ready and executor >= len(self.allocation.arrivals_ms):
            self.left[executor] = self.now  # Spark takes a request back once no task waits
            return
        self.alive += 1
        for _ in range(max(1, self.cores[executor] // self.plan.task_cpus)):
            heapq.heappush(self.free_at, (self.now << self.bits) | executor if self.bits else self.now)

    def _leave(self, executor: int) -> None:
        if self.left[executor] is None:
            mask = (1 << self.bits) - 1
            self.left[executor] = self.now
            self.alive -= 1
            self.free_at = [slot for slot in self.free_at if slot & mask != executor]
            heapq.heapify(self.free_at)

    def _start_ticking(self) -> None:
        if self.allocation.dynamic is not None and not self.ticking:
            self.ticking = True
            self.next_request = 1
            self._at(self.now + self.allocation.dynamic.backlog_ms, _TICK, self.backlog)

    def _request(self) -> None:
        """Ask for executors while tasks wait: 1, 2, 4, … up to what the waiting and running tasks need."""
        dynamic = self.allocation.dynamic
        self.ticking = False
        if dynamic is None or not self.ready:
            return
        slots = self.allocation.slots(self.plan.task_cpus)
        waiting = sum(len(self.durations[r.place]) - r.next_task for r in self.ready)
        needed = min(dynamic.most, math.ceil((waiting + self.alive * slots) * dynamic.ratio / slots))
        more = min(self.next_request, max(0, needed - self.alive - self.requested))
        for _ in range(more):
            self._at(self.now + dynamic.provision_ms, _ARRIVE, self._new_executor(self.now + dynamic.provision_ms))
        self.requested += more
        self.next_request *= 2
        self.ticking = True
        self._at(self.now + dynamic.sustained_ms, _TICK, self.backlog)

    def _release_idle(self, now: int) -> None:
        """Release executors whose slots were all free for longer than the idle time-out, down to the least number."""
        dynamic = self.allocation.dynamic
        if dynamic is None or dynamic.idle_ms is None or not self.free_at or (self.free_at[0] >> self.bits) + dynamic.idle_ms > now:
            return
        mask = (1 << self.bits) - 1
        busy_until: dict[int, int] = {}
        for slot in self.free_at:
            busy_until[slot & mask] = max(busy_until.get(slot & mask, 0), slot >> self.bits)
        gone = set()
        for until, executor in sorted((until, executor) for executor, until in busy_until.items()):
            if until + dynamic.idle_ms > now or self.alive <= dynamic.least:
                break
            self.left[executor] = until + dynamic.idle_ms
            self.alive -= 1
            gone.add(executor)
        self.free_at = [slot for slot in self.free_at if slot & mask not in gone]
        heapq.heapify(self.free_at)
