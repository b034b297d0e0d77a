"""Which executors an application has and when: a fixed set, or Spark's dynamic allocation."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

import numpy as np

from analyzer.timeline.history import History

_SECONDS = re.compile(r"^\s*(\d+)\s*(ms|s|m|min|h|d)?\s*$")
_UNIT_MS = {"ms": 1, "s": 1000, "m": 60_000, "min": 60_000, "h": 3_600_000, "d": 86_400_000}
PROVISION_MS = 5_000
"""From the request for an executor to its registration, where a run shows none: a warm cluster."""
_MOST_PROVISION_MS = 300_000
NO_LIMIT = 1_000_000


@dataclass(frozen=True, slots=True)
class DynamicAllocation:
    """Spark's dynamic allocation: requests double while tasks wait, and executors without a task are released."""

    most: int
    least: int
    backlog_ms: int
    """From the first waiting task to the first request."""
    sustained_ms: int
    """Between further requests."""
    idle_ms: int | None
    """From an executor's last task to its release; None where it is held, as with shuffle tracking."""
    provision_ms: int
    """From a request to the executor's registration."""
    ratio: float = 1.0


@dataclass(frozen=True, slots=True)
class Allocation:
    """Executors, of one shape unless `cores_each` says else. `arrivals_ms` are those asked for at the start, in ms from the
    application's start.

    `leaves_ms`, of the same length, says when one is lost; None for one that lives to the end.
    """

    cores: int
    arrivals_ms: Sequence[int]
    leaves_ms: Sequence[int | None]
    dynamic: DynamicAllocation | None = None
    cores_each: Sequence[int] = ()
    """Of the executors of `arrivals_ms`, where they are not all of `cores`."""

    def cores_of(self, executor: int) -> int:
        """Cores of an executor by its number; those beyond `arrivals_ms` have `cores`."""
        return self.cores_each[executor] if executor < len(self.cores_each) else self.cores

    def slots(self, task_cpus: int) -> int:
        """Tasks that one executor of `cores` runs at one time; never below one."""
        return max(1, self.cores // task_cpus)


def observed_allocation(history: History, conf: Mapping[str, str], local: bool) -> Allocation:
    """The configuration that really ran. Without dynamic allocation its executors come and go when they did."""
    lives = history.executors
    cores = _usual_cores(history)
    added = [max(0, int(at) - history.started_ms) for at in lives.added_ms]
    if not local and conf.get("spark.dynamicAllocation.enabled", "false").lower() == "true":
        dynamic = dynamic_allocation(history, conf)
        return with_dynamic(history, conf, dynamic, cores)
    left = [None if int(at) >= history.ended_ms else int(at) - history.started_ms for at in lives.removed_ms]
    order = sorted(range(len(added)), key=added.__getitem__)
    each = [int(lives.cores[p]) or cores for p in order]
    same = all(count == cores for count in each)
    return Allocation(cores, [added[p] for p in order], [left[p] for p in order], cores_each=() if same else each)


def fixed_allocation(history: History, executors: int, cores: int) -> Allocation:
    """`executors` of `cores` cores for the whole run; they register as those of the run did, more with the last of its first wave."""
    if executors < 1 or cores < 1:
        raise ValueError(f"cannot replay on {executors} executors of {cores} cores: expected one or more of each")
    wave = _first_wave(history)
    arrivals = [wave[min(place, len(wave) - 1)] for place in range(executors)]
    return Allocation(cores, arrivals, [None] * executors)


def with_dynamic(
    history: History, conf: Mapping[str, str], dynamic: DynamicAllocation, cores: int, initial: int | None = None
) -> Allocation:
    """Dynamic allocation from its initial executors on; as many as the configuration and the run had where `initial` is None."""
    if initial is None:
        asked = (_count(conf, f"spark.{name}", 0) for name in ("dynamicAllocation.initialExecutors", "executor.instances"))
        initial = max(unasked_executors(history, dynamic.backlog_ms), *asked)
    initial = min(max(initial, dynamic.least), dynamic.most)
    arrivals = list(fixed_allocation(history, initial, cores).arrivals_ms) if initial else []
    return Allocation(cores, arrivals, [None] * len(arrivals), dynamic)


def dynamic_allocation(history: History, conf: Mapping[str, str]) -> DynamicAllocation:
    """Dynamic allocation as the application's configuration sets it up, with Spark's defaults; provisioning time as the run showed it."""
    backlog = _time_ms(conf, "spark.dynamicAllocation.schedulerBacklogTimeout", 1_000)
    return DynamicAllocation(
        most=_count(conf, "spark.dynamicAllocation.maxExecutors", NO_LIMIT),
        least=_count(conf, "spark.dynamicAllocation.minExecutors", 0),
        backlog_ms=backlog,
        sustained_ms=max(1, _time_ms(conf, "spark.dynamicAllocation.sustainedSchedulerBacklogTimeout", backlog)),
        idle_ms=_idle_ms(history, conf),
        provision_ms=provision_ms(history, backlog),
        ratio=_ratio(conf),
    )


def provision_ms(history: History, backlog_ms: int) -> int:
    """How long executors took to register: the median, over those added because a stage waited, less the time-out before the request."""
    submitted = sorted(int(at) for at in history.stages.submitted_ms if at >= 0)
    waits = []
    for added in sorted(history.executors.added_ms.tolist())[unasked_executors(history, backlog_ms) :]:
        earlier = [at for at in submitted if at + backlog_ms <= added]
        if earlier:
            waits.append(added - earlier[-1] - backlog_ms)
    return min(int(median(waits)), _MOST_PROVISION_MS) if waits else PROVISION_MS


def unasked_executors(history: History, backlog_ms: int) -> int:
    """Executors that were there before any task asked for them: platforms start some that the configuration does not name.

    The k-th executor to register was not asked for by tasks if all stages submitted by then need fewer than k.
    """
    slots = max(1, _usual_cores(history) // history.task_cpus)
    submitted = np.where(history.stages.submitted_ms >= 0, history.stages.submitted_ms, history.ended_ms)
    tasks = np.bincount(history.tasks.stage, minlength=len(submitted))
    unasked = 0
    for number, added in enumerate(sorted(history.executors.added_ms.tolist()), start=1):
        waiting = int(tasks[submitted + backlog_ms <= added].sum())
        if number > math.ceil(waiting / slots):
            unasked = number
    return unasked


def _idle_ms(history: History, conf: Mapping[str, str]) -> int | None:
    """None where shuffle tracking holds executors: no external service, and the run released none before its end."""
    service = conf.get("spark.shuffle.service.enabled", "false").lower() == "true"
    tracking = conf.get("spark.dynamicAllocation.shuffleTracking.enabled", "true").lower() == "true"
    released = bool((history.executors.removed_ms < history.ended_ms).any())
    return None if tracking and not service and not released else _time_ms(conf, "spark.dynamicAllocation.executorIdleTimeout", 60_000)


def _first_wave(history: History) -> list[int]:
    """Registrations, in ms from the start, up to a minute after the first; the start itself where there is none."""
    added = sorted(max(0, int(at) - history.started_ms) for at in history.executors.added_ms)
    return [at for at in added if at <= added[0] + 60_000] if added else [0]


def _usual_cores(history: History) -> int:
    cores = [int(c) for c in history.executors.cores if c > 0]
    return max(set(cores), key=lambda c: (cores.count(c), c)) if cores else 1


def _count(conf: Mapping[str, str], key: str, otherwise: int) -> int:
    text = conf.get(key, "").strip()
    return min(int(text), NO_LIMIT) if text.isdigit() else otherwise


def _ratio(conf: Mapping[str, str]) -> float:
    try:
        return min(1.0, max(0.01, float(conf.get("spark.dynamicAllocation.executorAllocationRatio", "1"))))
    except ValueError:
        return 1.0


def _time_ms(conf: Mapping[str, str], key: str, otherwise_ms: int) -> int:
    match = _SECONDS.match(conf.get(key, ""))
    return int(match[1]) * _UNIT_MS[match[2] or "s"] if match else otherwise_ms
