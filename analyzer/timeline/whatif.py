"""What would have been: time, core time and money of an application on other executors, beside the error of the replay itself.

Task times stay as they were measured: more cores an executor do not slow a task down, more memory does not spill or collect
less. Fresh executors' slow first tasks, speculation and preemption are as often as in the run that was seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate

import numpy as np

from analyzer.cost.book import PriceBook
from analyzer.cost.price import Cost, ExecutorUse, Target, application_cost
from analyzer.timeline.allocation import (
    Allocation,
    dynamic_allocation,
    fixed_allocation,
    observed_allocation,
    with_dynamic,
)
from analyzer.timeline.history import Flags, History, Ints, ints
from analyzer.timeline.plan import Plan, PlannedStage, plan_of
from analyzer.timeline.replay import Replayed, replay

SKEW_RATIO = 3.0
"""A task that runs longer than so many medians of its stage is cut into pieces of the median where skew is removed."""
SKEW_MIN_TASKS = 5
SKEW_MIN_MS = 1_000
SKEW_MOST_PIECES = 1_000_000
"""Of the whole application: beside stages whose median is a millisecond, pieces are longer than the median."""
SKEW_WORTH_IT = 0.99
"""Skew removed is told where it makes the replay of what ran at least a hundredth shorter."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What to ask: fixed executor counts, their shape, limits of dynamic allocation. None or empty: as the run had it."""

    executors: Sequence[int] = ()
    cores: int | None = None
    memory_bytes: int | None = None
    """Of an executor, with overhead; None keeps the memory that a core had."""
    max_executors: int | None = None
    min_executors: int | None = None
    initial_executors: int | None = None
    idle_ms: int | None = None

    @property
    def dynamic(self) -> bool:
        """Whether dynamic allocation is asked for."""
        return any(x is not None for x in (self.max_executors, self.min_executors, self.initial_executors, self.idle_ms))


@dataclass(frozen=True, slots=True)
class Outcome:
    """Time and money of one configuration."""

    name: str
    wall_ms: int
    core_ms: int
    executors_peak: int
    cores: int
    cost: Cost
    conf: Mapping[str, str] = field(default_factory=dict)
    """Spark properties that bring it about; empty where none do."""


@dataclass(frozen=True, slots=True)
class _Scenario:
    name: str
    allocation: Allocation
    conf: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Prediction:
    """What ran, the replay of what ran, and what would have been."""

    actual: Outcome
    replayed: Outcome
    scenarios: Sequence[Outcome]
    critical_path_ms: int
    """With executors without number: driver gaps and the longest task of each stage on the longest path."""
    inferred_parents: int
    stages: int
    tasks: int
    provision_ms: int | None
    """What dynamic allocation is taken to need for a new executor; None where no scenario used it."""

    @property
    def wall_error(self) -> float:
        """(replayed - actual) / actual wall time, signed; 0 for an application that took no time."""
        return (self.replayed.wall_ms - self.actual.wall_ms) / self.actual.wall_ms if self.actual.wall_ms else 0.0

    @property
    def core_time_error(self) -> float:
        """(replayed - actual) / actual core time, signed; 0 where nothing was allocated."""
        return (self.replayed.core_ms - self.actual.core_ms) / self.actual.core_ms if self.actual.core_ms else 0.0


def predict(history: History, conf: Mapping[str, str], choice: Choice, book: PriceBook, target: Target, local: bool = False) -> Prediction:
    """Replay an application as it ran and as `choice` asks; CannotReplay, ValueError where that cannot run."""
    plan, observed = plan_of(history), observed_allocation(history, conf, local)
    pricing = _Pricing(book, target, _memory_per_core(history))
    asked = replace(pricing, memory_bytes=choice.memory_bytes)
    scenarios = list(_scenarios(history, conf, choice, observed, local))
    replayed, even = _outcome("replayed as it ran", plan, observed, pricing), without_skew(plan)
    outcomes = [_outcome(each.name, plan, each.allocation, asked, each.conf) for each in scenarios]
    if even.stages != plan.stages:
        evened = _outcome("skew removed", even, observed, pricing)
        outcomes += [evened] if evened.wall_ms <= SKEW_WORTH_IT * replayed.wall_ms else []
    return Prediction(
        actual=_actual(history, observed.cores, pricing),
        replayed=replayed,
        scenarios=outcomes,
        critical_path_ms=critical_path_ms(plan),
        inferred_parents=plan.inferred_parents,
        stages=len(plan.stages),
        tasks=sum(len(stage.durations_ms) for stage in plan.stages),
        provision_ms=next((a.dynamic.provision_ms for a in (observed, *(s.allocation for s in scenarios)) if a.dynamic), None),
    )


def without_skew(plan: Plan) -> Plan:
    """The plan with the long tasks of each stage cut into pieces of its median; the work is kept."""
    tail_ms = sum(int(durations[long].sum()) for durations, long, _ in map(_skew_of, plan.stages) if long.any())
    least_ms = tail_ms / SKEW_MOST_PIECES
    return replace(plan, stages=[_without_skew(stage, least_ms) for stage in plan.stages])


def critical_path_ms(plan: Plan) -> int:
    """Wall time if every task had a slot at once."""
    # A stage is its longest task, and needs no slot.
    waits = [replace(s, durations_ms=[], tail_ms=s.tail_ms + max(s.durations_ms, default=0)) for s in plan.stages]
    return replay(replace(plan, stages=waits), Allocation(plan.task_cpus, [0], [None])).wall_ms


def _skew_of(stage: PlannedStage) -> tuple[Ints, Flags, float]:
    """The durations of a stage's tasks, which of them are too long for it, and their median, all ms."""
    durations = ints(stage.durations_ms)
    none = np.zeros(len(durations), np.bool_)
    if len(durations) < SKEW_MIN_TASKS or durations.max() < SKEW_MIN_MS:
        return durations, none, 0.0
    median = float(np.median(durations))
    return durations, durations > SKEW_RATIO * median if median > 0 else none, median


def _without_skew(stage: PlannedStage, least_ms: float) -> PlannedStage:
    durations, long, median = _skew_of(stage)
    if not long.any():
        return stage
    pieces = np.where(long, np.maximum(1, np.rint(durations / max(median, least_ms))), 1).astype(np.int64)
    return replace(stage, durations_ms=np.rint(np.repeat(durations / pieces, pieces)).astype(np.int64).tolist())


def _scenarios(history: History, conf: Mapping[str, str], choice: Choice, observed: Allocation, local: bool) -> Iterator[_Scenario]:
    cores = choice.cores or observed.cores
    peak = 1 if local else observed_peak(history)
    counts = list(choice.executors)
    if not counts and choice.cores is not None:
        counts = [1 if local else max(1, round(_peak_cores(history, observed.cores) / cores))]
    elif not counts and choice.memory_bytes is not None and not choice.dynamic:
        counts = [peak]
    elif not counts and not choice.dynamic and not local:
        counts = sorted({max(1, round(peak * factor)) for factor in (0.25, 0.5, 1, 2, 4)})
    for count in counts:
        settings = {"spark.dynamicAllocation.enabled": "false", "spark.executor.instances": str(count), "spark.executor.cores": str(cores)}
        yield _Scenario(f"{count} x {cores} cores", fixed_allocation(history, count, cores), {} if local else settings)
    if choice.dynamic:
        yield _dynamic_scenario(history, conf, choice, cores)


def _dynamic_scenario(history: History, conf: Mapping[str, str], choice: Choice, cores: int) -> _Scenario:
    before = dynamic_allocation(history, conf)
    most = before.most if choice.max_executors is None else choice.max_executors
    least = min(before.least, most) if choice.min_executors is None else choice.min_executors
    dynamic = replace(before, most=most, least=least, idle_ms=before.idle_ms if choice.idle_ms is None else choice.idle_ms)
    told = {
        "minExecutors": (f"at least {least}", choice.min_executors),
        "maxExecutors": (f"at most {most}", choice.max_executors),
        "initialExecutors": (f"{choice.initial_executors} at first", choice.initial_executors),
        "executorIdleTimeout": (f"idle {(choice.idle_ms or 0) / 1000:g} s", None if choice.idle_ms is None else f"{choice.idle_ms}ms"),
    }
    words = [word for word, value in told.values() if value is not None]
    settings = {f"spark.dynamicAllocation.{key}": str(value) for key, (_, value) in told.items() if value is not None}
    return _Scenario(
        f"dynamic, {', '.join(words)} x {cores} cores",
        with_dynamic(history, conf, dynamic, cores, choice.initial_executors),
        {"spark.dynamicAllocation.enabled": "true", "spark.executor.cores": str(cores), **settings},
    )


def observed_peak(history: History) -> int:
    """The most executors that the run had at one time; one at least."""
    lives = history.executors
    return max(1, _peak([(int(a), int(r)) for a, r in zip(lives.added_ms, lives.removed_ms, strict=True)]))


def _peak_cores(history: History, usual: int) -> int:
    """The most cores that the run had at one time; one executor's at least. An executor of unknown cores has `usual` ones."""
    lives = history.executors
    each = zip(lives.added_ms.tolist(), lives.removed_ms.tolist(), lives.cores.tolist(), strict=True)
    changes = [
        (moment, change)
        for came, left, cores in each
        if left > came
        for moment, change in ((came, cores or usual), (left, -(cores or usual)))
    ]
    return max(usual, *accumulate(change for _, change in sorted(changes)), 0)


@dataclass(frozen=True, slots=True)
class _Pricing:
    book: PriceBook
    target: Target
    memory_bytes_per_core: float
    memory_bytes: int | None = None
    """Of an executor, where it was asked for."""

    def cost(self, replayed: Replayed) -> Cost:
        """Executors keep the memory that a core had, so that a task has the memory it had, unless another was asked for."""
        lives = zip(replayed.lives_ms, replayed.cores, strict=True)
        return application_cost([self._use(left - came, cores) for (came, left), cores in lives], self.book, self.target)

    def _use(self, life_ms: int, cores: int) -> ExecutorUse:
        memory = round(self.memory_bytes_per_core * cores) if self.memory_bytes is None else self.memory_bytes
        return ExecutorUse(life_ms, cores, memory)


def _memory_per_core(history: History) -> float:
    cores = int(history.executors.cores.sum())
    return float(history.executors.memory_bytes.sum()) / cores if cores else 0.0


def _actual(history: History, cores: int, pricing: _Pricing) -> Outcome:
    lives = history.executors
    lifetimes = [max(0, int(ms)) for ms in lives.removed_ms - lives.added_ms]
    uses = [ExecutorUse(ms, int(c), int(m)) for ms, c, m in zip(lifetimes, lives.cores, lives.memory_bytes, strict=True)]
    return Outcome(
        name="as it ran",
        wall_ms=history.ended_ms - history.started_ms,
        core_ms=int(lives.allocated_core_ms.sum()),
        executors_peak=_peak([(int(a), int(r)) for a, r in zip(lives.added_ms, lives.removed_ms, strict=True)]),
        cores=cores,
        cost=application_cost(uses, pricing.book, pricing.target),
    )


def _outcome(name: str, plan: Plan, allocation: Allocation, pricing: _Pricing, conf: Mapping[str, str] | None = None) -> Outcome:
    replayed = replay(plan, allocation)
    return Outcome(
        name=name,
        wall_ms=replayed.wall_ms,
        core_ms=replayed.core_ms,
        executors_peak=_peak(replayed.lives_ms),
        cores=allocation.cores,
        cost=pricing.cost(replayed),
        conf=conf or {},
    )


def _peak(lives_ms: Sequence[tuple[int, int]]) -> int:
    """The most executors at one time; at equal times a removal counts before an addition."""
    alive = peak = 0
    for _, change in sorted([(came, 1) for came, left in lives_ms if left > came] + [(left, -1) for came, left in lives_ms if left > came]):
        alive += change
        peak = max(peak, alive)
    return peak
