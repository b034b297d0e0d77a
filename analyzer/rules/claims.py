"""Claims of findings on what an application was allocated: clipped in a fixed order, so that nothing is blamed twice.

There are three pools: core time without a task (`idle`), core time with one (`busy`), and memory. Causes are blamed before
symptoms: failed work first, then skew and too few tasks, then idleness, reading, the driver, memory use and small tasks. A
claim on idle time says when that time lies, one on reading which SQL executions read; what earlier claims may have taken of
that is not claimed again. What memory can still save is what the claims on cores leave over, since freed cores take their
memory along.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from analyzer.rules.base import Application, Pool, Saving
from analyzer.rules.windows import shared

CATEGORY_ORDER = (
    "failures",
    "skew",
    "parallelism",
    "provisioning",
    "storage",
    "driver",
    "memory",
    "tasks",
    "sql",
    "spot",
    "configuration",
)


@dataclass(frozen=True, slots=True)
class Claim:
    """What one finding would save, and the pool that it comes out of."""

    pool: Pool
    saving: Saving
    rule_code: str = ""


@dataclass(slots=True)
class _Pools:
    application: Application
    idle_core_s: float
    busy_core_s: float
    allocated_core_s: float
    memory_gb_s: float
    cores_claimed_core_s: float = 0.0
    memory_claimed_gb_s: float = 0.0
    taken: list[tuple[Claim, float]] = field(default_factory=list)
    """Claims on cores that were met so far, each with the core-seconds that it got."""

    def take_cores(self, claim: Claim, wanted_core_s: float) -> float:
        left = {"idle": self.idle_core_s, "busy": self.busy_core_s}.get(claim.pool, 0.0)
        taken = max(0.0, min(wanted_core_s - self._taken_from_the_same(claim), left))
        if claim.pool == "idle":
            self.idle_core_s -= taken
        elif claim.pool == "busy":
            self.busy_core_s -= taken
        self.cores_claimed_core_s += taken
        self.taken.append((claim, taken))
        return taken

    def take_memory(self, wanted_gb_s: float) -> float:
        kept_share = 1 - self.cores_claimed_core_s / self.allocated_core_s if self.allocated_core_s > 0 else 1.0
        taken = max(0.0, min(wanted_gb_s * kept_share, self.memory_gb_s * kept_share - self.memory_claimed_gb_s))
        self.memory_claimed_gb_s += taken
        return taken

    def _taken_from_the_same(self, claim: Claim) -> float:
        """The most core-seconds that earlier claims can have taken of those that this one speaks of."""
        return sum(min(taken, self._common(earlier, claim)) for earlier, taken in self.taken if earlier.pool == claim.pool)

    def _common(self, earlier: Claim, claim: Claim) -> float:
        if claim.pool == "busy":
            # One rule tells the scans and stages of an execution apart; two rules see the same time differently.
            other_view = earlier.rule_code != claim.rule_code and set(earlier.saving.executions) & set(claim.saving.executions)
            return float("inf") if other_view else 0.0
        if not earlier.saving.spans or not claim.saving.spans:
            return float("inf")
        return sum(self.application.cores_alive_ms(*span) for span in shared(earlier.saving.spans, claim.saving.spans)) / 1000


def clip(application: Application, claims: Sequence[Claim | None]) -> list[Saving | None]:
    """The savings of claims, in their order, none beyond what earlier ones left of its pool; None where there is no claim.

    Low and high ends are clipped apart, so that the sums of both stay within what was allocated. Memory is clipped last.
    """
    lows, highs = _pools(application), _pools(application)
    cores = [_cores(claim, lows, highs) for claim in claims]
    return [_memory(saving, lows, highs) for saving in cores]


def _pools(application: Application) -> _Pools:
    allocated = application.allocated_core_ms / 1000
    idle = min(allocated, application.idle_core_ms / 1000)
    return _Pools(application, idle, allocated - idle, allocated, application.allocated_memory_gb_s)


def _cores(claim: Claim | None, lows: _Pools, highs: _Pools) -> Saving | None:
    if claim is None:
        return None
    low = lows.take_cores(claim, claim.saving.low_core_s)
    high = highs.take_cores(claim, max(claim.saving.low_core_s, claim.saving.high_core_s))
    return replace(claim.saving, low_core_s=min(low, high), high_core_s=high)


def _memory(saving: Saving | None, lows: _Pools, highs: _Pools) -> Saving | None:
    if saving is None or saving.high_memory_gb_s <= 0:
        return saving
    high = highs.take_memory(saving.high_memory_gb_s)
    low = min(high, lows.take_memory(saving.low_memory_gb_s))
    return replace(saving, low_memory_gb_s=low, high_memory_gb_s=high)
