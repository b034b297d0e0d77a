"""Setting an estimate against the bill: `billedResourceUtilization` of EMR Serverless' GetJobRun.

The estimate starts from executor lifetimes that Spark saw. Rounding to worker sizes, the minute that is billed at least and
the driver are added one after the other; what the bill holds beyond that is the time in which workers were ready and Spark
did not know them yet, or something else, and is told as such.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from analyzer.cost.bill import Run, Terms
from analyzer.cost.book import PriceBook
from analyzer.cost.emr_serverless import BilledHours, billed_hours, hours_usd
from analyzer.cost.worker_sizes import worker_size

START_UP_S = 120.0
"""Up to so many seconds a worker before it registers with the driver are its start: image, JVM, registration."""
AGREES = 0.02


class BilledError(ValueError):
    """A document that is no answer of GetJobRun, or holds no billed resources."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What AWS billed for a job run, and how often it was tried."""

    hours: BilledHours
    attempt: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One reason for the difference, and what it adds to the estimate, in USD."""

    reason: str
    usd: float


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """The bill beside the estimate; `steps` lead from bare lifetimes to the bill and sum to it."""

    billed: BilledHours
    estimated: BilledHours
    billed_usd: float
    estimated_usd: float
    steps: Sequence[Step]
    explanation: str

    @property
    def error(self) -> float:
        """(estimated - billed) / billed, of the dollars at list price; 0 where nothing was billed."""
        return (self.estimated_usd - self.billed_usd) / self.billed_usd if self.billed_usd else 0.0


def parse_billed(document: Any) -> Billed:
    """The billed resources in an answer of GetJobRun: the whole of it, its `jobRun`, or `billedResourceUtilization` alone."""
    outer = document.get("jobRun", document) if isinstance(document, Mapping) else None
    inner = outer.get("billedResourceUtilization", outer) if isinstance(outer, Mapping) else None
    if not isinstance(inner, Mapping) or not isinstance(outer, Mapping) or "vCPUHour" not in inner or "memoryGBHour" not in inner:
        raise BilledError("found no `billedResourceUtilization` with `vCPUHour` and `memoryGBHour`: expected an answer of GetJobRun")
    attempt = outer.get("attempt")
    hours = BilledHours(_hours(inner, "vCPUHour"), _hours(inner, "memoryGBHour"), _hours(inner, "storageGBHour"))
    return Billed(hours, attempt if isinstance(attempt, int) else None)


def _hours(document: Mapping[str, Any], name: str) -> float:
    value = document.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < math.inf:
        raise BilledError(f"`{name}` is {value!r}: expected hours, a number that is not negative")
    return float(value)


def reconcile(run: Run, billed: Billed, book: PriceBook, terms: Terms) -> Reconciliation:
    """How far the estimate is off the bill, and why."""
    estimated = billed_hours(run.containers, book, terms)
    usd = {name: hours_usd(hours, book, terms.architecture) for name, hours in _towards(run, book, terms).items()}
    total, owed = hours_usd(estimated, book, terms.architecture), hours_usd(billed.hours, book, terms.architecture)
    storage = hours_usd(BilledHours(0, 0, estimated.storage_gb_h), book, terms.architecture)
    steps = [Step("executor lifetimes as Spark saw them", usd["lifetimes"])]
    steps += [
        Step("sizes rounded up to those of workers", usd["sizes"] - usd["lifetimes"]),
        Step("whole seconds, a minute a worker at least", usd["minimum"] - usd["sizes"]),
        Step("the driver", total - storage - usd["minimum"]),
        *([Step("storage over what a worker has for nothing", storage)] if storage else []),
        Step("not explained by the events", owed - total),
    ]
    return Reconciliation(billed.hours, estimated, owed, total, steps, _explanation(run, billed, estimated, total, owed))


def _towards(run: Run, book: PriceBook, terms: Terms) -> dict[str, BilledHours]:
    bare_vcpu = bare_gib = vcpu_s = gib_s = 0.0
    for span in run.executors:
        seconds = span.lifetime_ms / 1000
        vcpu, gib = worker_size(span.cores, span.gib)
        bare_vcpu, bare_gib = bare_vcpu + span.cores * seconds, bare_gib + span.gib * seconds
        vcpu_s, gib_s = vcpu_s + vcpu * seconds, gib_s + gib * seconds
    return {
        "lifetimes": BilledHours(bare_vcpu / 3600, bare_gib / 3600),
        "sizes": BilledHours(vcpu_s / 3600, gib_s / 3600),
        "minimum": replace(billed_hours(run.executors, book, terms), storage_gb_h=0.0),
    }


def _explanation(run: Run, billed: Billed, estimated: BilledHours, total: float, owed: float) -> str:
    if owed <= 0:
        return "nothing was billed: the job run ended before a worker was ready, or has not ended"
    if abs(total - owed) <= AGREES * owed:
        return "estimate and bill agree within 2 %"
    if billed.attempt is not None and billed.attempt > 1:
        return f"the job run was tried {billed.attempt} times and all attempts are billed; these events are of one"
    if total > owed:
        return "less was billed than the events show: part of the run was on warm workers, or the bill is of another run"
    cores = sum(worker_size(span.cores, span.gib)[0] for span in run.containers)
    seconds = (billed.hours.vcpu_h - estimated.vcpu_h) * 3600 / cores if cores else math.inf
    memory_only = abs(billed.hours.vcpu_h - estimated.vcpu_h) <= AGREES * billed.hours.vcpu_h
    if memory_only:
        return "vCPU hours agree and memory does not: the workers are larger than the configuration in the events says"
    if 0 < seconds <= START_UP_S:
        return (
            f"{seconds:.0f} s a worker: workers are billed from ready to stopped, and Spark knows an executor only once it has registered"
        )
    return f"{seconds:,.0f} s a worker is more than a start-up: workers that never registered, lost events, or another run's bill"
