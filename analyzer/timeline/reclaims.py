"""A replay in which Spot nodes are reclaimed: tasks die, shuffle output goes with its node, and successors come later.

- From the notice on, an executor of the node is given no task; when the node goes, its running tasks start again elsewhere.
- Map output on the node is lost where some stage still has to read it: those tasks run again, and the tasks of the reading
  stages that have not started wait for them. Decommissioning moves the output before the node goes, and nothing is lost.
- A fixed set of executors gets successors after `replace_ms`; dynamic allocation asks for its own.

What is left out: fetches that fail half-way, cached blocks, and failures that end the job (`spark.task.maxFailures`).
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from analyzer.timeline.allocation import Allocation
from analyzer.timeline.plan import Plan
from analyzer.timeline.replay import BITS, OTHER_EVENTS, Ready, Simulation

_NOTICE, _GONE, _SUCCESSOR = range(OTHER_EVENTS, OTHER_EVENTS + 3)


@dataclass(frozen=True, slots=True)
class Reclaim:
    """AWS takes nodes back. `keep_if` and `picks` are uniform draws (0 to 1): whether it happens, given how many Spot nodes
    there are, and which nodes go."""

    at_ms: int
    keep_if: float
    picks: Sequence[float]


@dataclass(frozen=True, slots=True)
class SpotFleet:
    """How executors lie on nodes, and what is known of reclaims."""

    executors_per_node: int
    on_demand_share: float
    nodes_at_most: int
    """What `keep_if` is measured against."""
    notice_ms: int
    replace_ms: int
    decommission: bool
    batch: float = 1.0
    """Nodes that one reclaim takes, on average, of a fleet that has enough (geometric)."""

    def taken_at_once(self, nodes: int) -> float:
        """The nodes that one reclaim takes, on average, of a fleet of so many: no more than there are."""
        return self.batch * (1 - (1 - 1 / self.batch) ** nodes)

    def exposure(self, nodes: int) -> float:
        """How often so many Spot nodes meet a reclaim, over the rate of one node: so often that each goes at that rate."""
        return nodes / self.taken_at_once(nodes) if nodes else 0.0

    def is_on_demand(self, node: int) -> bool:
        """On-Demand nodes are spread evenly over the fleet, the first of them first."""
        before, after = (math.ceil(count * self.on_demand_share - 1e-9) for count in (node, node + 1))
        return after > before


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What a replay with reclaims came to; executor lives apart by how their node is bought."""

    wall_ms: int
    on_demand_ms: int
    spot_ms: int
    nodes_reclaimed: int
    tasks_killed: int
    rerun_ms: int
    """Task time that was lost and had to be spent again: what killed tasks had run, and the whole of tasks whose output was lost."""


def replay_with_reclaims(plan: Plan, allocation: Allocation, fleet: SpotFleet, reclaims: Sequence[Reclaim]) -> Interrupted:
    """Replay a plan while nodes are reclaimed; CannotReplay where tasks would wait for ever."""
    simulation = _Interruptible(plan, allocation, fleet=fleet, reclaims=reclaims)
    replayed = simulation.run()
    on_demand = spot = 0
    for executor, (came, left) in enumerate(zip(simulation.came, simulation.left, strict=True)):
        life = max(0, min(replayed.wall_ms if left is None else left, replayed.wall_ms) - came)
        if fleet.is_on_demand(simulation.node_of[executor]):
            on_demand += life
        else:
            spot += life
    return Interrupted(replayed.wall_ms, on_demand, spot, simulation.nodes_reclaimed, simulation.tasks_killed, simulation.rerun_ms)


@dataclass(slots=True)
class _Interruptible(Simulation):
    fleet: SpotFleet = field(kw_only=True)
    reclaims: Sequence[Reclaim] = field(kw_only=True)
    node_of: list[int] = field(default_factory=list)
    noticed: set[int] = field(default_factory=set)
    ran: list[list[tuple[int, int, int]]] = field(default_factory=list)
    """Of each executor its tasks: finish, stage, duration."""
    states: dict[int, Ready] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    redone: set[int] = field(default_factory=set)
    """Stages that had completed and compute lost output again."""
    stale: dict[int, int] = field(default_factory=dict)
    """Completions in the calendar that a requeued task made void, by stage."""
    held_up: dict[int, set[int]] = field(default_factory=dict)
    """Stages that must not launch tasks, and the stages whose output they wait for."""
    due: set[int] = field(default_factory=set)
    """Held-up stages that would have started by now."""
    nodes_reclaimed: int = 0
    tasks_killed: int = 0
    rerun_ms: int = 0

    def _prepare(self) -> None:
        self.bits = BITS
        Simulation._prepare(self)
        for number, reclaim in enumerate(self.reclaims):
            self._at(reclaim.at_ms, _NOTICE, number)

    def _new_executor(self, arrival: int) -> int:
        executor = Simulation._new_executor(self, arrival)
        self.node_of.append(executor // self.fleet.executors_per_node)
        self.ran.append([])
        return executor

    def _launch_on_executors(self, stage: Ready, durations: Sequence[int], horizon: int) -> None:
        now, last, free_at, ran = self.now, stage.last_finish, self.free_at, self.ran
        mask = (1 << BITS) - 1
        number, place, count = stage.place, stage.next_task, len(durations)
        while place < count:
            slot = free_at[0]
            start = max(slot >> BITS, now)
            if start >= horizon:
                break
            duration = durations[place]
            finish = start + duration
            if finish > last:
                last = finish
            executor = slot & mask
            ran[executor].append((finish, number, duration))
            heapq.heapreplace(free_at, (finish << BITS) | executor)
            place += 1
        stage.next_task, stage.last_finish = place, last

    def _happen(self, kind: int, what: int) -> None:
        if kind < OTHER_EVENTS:
            Simulation._happen(self, kind, what)
        elif all(self.ended):
            return
        elif kind == _NOTICE:
            self._notice(self.reclaims[what])
        elif kind == _GONE:
            self._gone(what)
        else:
            self._succeed(what)

    def _notice(self, reclaim: Reclaim) -> None:
        if not self.ready:
            self._release_idle(self.now)
        nodes = self._spot_nodes()
        if not nodes or reclaim.keep_if * self.fleet.exposure(self.fleet.nodes_at_most) >= self.fleet.exposure(len(nodes)):
            return
        for pick in reclaim.picks:
            if not nodes:
                break
            node = nodes.pop(int(pick * len(nodes)))
            self.nodes_reclaimed += 1
            for executor in self._alive_on(node):
                self.noticed.add(executor)
                self._at(self.now + self.fleet.notice_ms, _GONE, executor)
        mask = (1 << BITS) - 1
        self.free_at = [slot for slot in self.free_at if slot & mask not in self.noticed]
        heapq.heapify(self.free_at)

    def _spot_nodes(self) -> list[int]:
        nodes = {self.node_of[e] for e, left in enumerate(self.left) if left is None and self.came[e] <= self.now and e not in self.noticed}
        return sorted(node for node in nodes if not self.fleet.is_on_demand(node))

    def _alive_on(self, node: int) -> list[int]:
        """Executors that registered on a node and were told of no reclaim; one that is still to come starts on a successor."""
        alive = (e for e, of in enumerate(self.node_of) if of == node and self.left[e] is None and e not in self.noticed)
        return [e for e in alive if self.came[e] <= self.now]

    def _gone(self, executor: int) -> None:
        if self.left[executor] is not None:
            return
        self.left[executor] = self.now
        self.alive -= 1
        again: dict[int, list[int]] = {}
        for finish, stage, duration in self.ran[executor]:
            if finish > self.now:
                self.tasks_killed += 1
                self.rerun_ms += self.now - (finish - duration)
                again.setdefault(stage, []).append(duration)
            elif not self.fleet.decommission and self._still_read(stage):
                self.rerun_ms += duration
                again.setdefault(stage, []).append(duration)
        self.ran[executor] = []
        for stage, durations in again.items():
            self._requeue(stage, durations)
        if self.allocation.dynamic is None:
            arrival = self.now + max(0, self.fleet.replace_ms - self.fleet.notice_ms)
            successor = self._new_executor(arrival)
            self.node_of[successor], self.cores[successor] = self.node_of[executor], self.cores[executor]
            self.requested += 1
            self._at(arrival, _SUCCESSOR, successor)
        elif self.ready:
            self._start_ticking()

    def _succeed(self, executor: int) -> None:
        self.requested -= 1
        self.alive += 1
        for _ in range(max(1, self.cores[executor] // self.plan.task_cpus)):
            heapq.heappush(self.free_at, (self.now << BITS) | executor)

    def _still_read(self, stage: int) -> bool:
        return any(child not in self.done for child in self.children[stage])

    def _requeue(self, stage: int, durations: Sequence[int]) -> None:
        state = self.states[stage]
        waiting = state.next_task < len(self.durations[stage])
        self.durations[stage] = [*self.durations[stage], *durations]
        if waiting:
            return
        if stage in self.done and stage not in self.redone:
            self.redone.add(stage)
            for child in self.children[stage]:
                if child not in self.done:
                    self._hold_up(child, stage)
        else:
            self.stale[stage] = self.stale.get(stage, 0) + 1
        state.last_finish = max(state.last_finish, self.now)
        self._push(state)

    def _push(self, state: Ready) -> None:
        if not self.ready:
            self._release_idle(self.now)
        heapq.heappush(self.ready, state)
        self._start_ticking()

    def _hold_up(self, child: int, parent: int) -> None:
        self.held_up.setdefault(child, set()).add(parent)
        if child in self.states and self.states[child].next_task < len(self.durations[child]):
            self.due.add(child)
            self.ready = [state for state in self.ready if state.place != child]
            heapq.heapify(self.ready)

    def _stage_ready(self, place: int) -> None:
        if self.held_up.get(place):
            self.due.add(place)
            return
        Simulation._stage_ready(self, place)
        for state in self.ready:
            self.states[state.place] = state

    def _stage_done(self, place: int) -> None:
        if self.stale.get(place):
            self.stale[place] -= 1
            return
        if place not in self.redone:
            self.done.add(place)
            Simulation._stage_done(self, place)
            return
        self.redone.discard(place)
        for child, parents in self.held_up.items():
            if place in parents:
                parents.discard(place)
                if not parents and child in self.due:
                    self.due.discard(child)
                    self._resume(child)

    def _resume(self, child: int) -> None:
        state = self.states.get(child)
        if state is None:
            self._stage_ready(child)
        elif state.next_task < len(self.durations[child]):
            self._push(state)
