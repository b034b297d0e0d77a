"""Whether Spot pays for an application, with how many nodes On-Demand, and where it stops paying."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analyzer.spot.rate import ReclaimRate
from analyzer.spot.simulate import Fleet, Numbers, Simulated, simulate
from analyzer.spot.stages import StageExposure, exposures
from analyzer.timeline.allocation import Allocation
from analyzer.timeline.plan import Plan

SHARES = (0.0, 0.25, 0.5, 0.75, 1.0)
DELAY_BUDGET = 0.10
"""The delay, as a share of the run, that nineteen of twenty runs must stay under."""


@dataclass(frozen=True, slots=True)
class Prices:
    """USD for one hour of an executor: the EC2 part at list price, what Spot does not discount, and the discount."""

    ec2_h_usd: float
    rest_h_usd: float
    discount: float

    @property
    def on_demand_h_usd(self) -> float:
        return self.ec2_h_usd + self.rest_h_usd

    @property
    def spot_h_usd(self) -> float:
        return self.ec2_h_usd * (1 - self.discount) + self.rest_h_usd

    @property
    def fee_ratio(self) -> float:
        """What is not discounted over what is."""
        return self.rest_h_usd / self.ec2_h_usd if self.ec2_h_usd else 0.0


@dataclass(frozen=True, slots=True)
class Spread:
    """The mean, and the ends of the central 90 %."""

    low: float
    mean: float
    high: float


@dataclass(frozen=True, slots=True)
class Option:
    """One On-Demand share: what it saves and how much longer the run takes, against everything On-Demand."""

    on_demand_share: float
    saving_usd: Spread
    delay_ms: Spread
    rerun_core_s: Spread
    reclaims: float
    """Nodes that are reclaimed in a run, on average."""
    within_budget: bool


@dataclass(frozen=True, slots=True)
class Suitability:
    """Everything that is known of an application on Spot."""

    options: Sequence[Option]
    recommended: Option
    on_demand_usd: float
    calm_wall_ms: int
    kill_share: float
    long_share: float
    stages: Sequence[StageExposure]
    overhead: float
    """Executor time with reclaims over that without, less 1, all on Spot."""
    break_even_discount: float
    """Below this discount Spot costs more than On-Demand."""
    break_even_rate_h: float | None
    """Above about this many reclaims of an instance an hour it does; None where the first-order estimate does not reach it."""
    nodes: int
    replays: int


def suitability(
    plan: Plan,
    allocation: Allocation,
    fleet: Fleet,
    slots: int,
    rate: ReclaimRate,
    prices: Prices,
    ran_usd: float | None = None,
    shares: Sequence[float] = SHARES,
) -> Suitability:
    """Simulate an application on fleets with these On-Demand shares.

    Dollars are in proportion to `ran_usd`, what the executors of the run really cost On-Demand; those of the replay where None.
    """
    simulated = [(share, simulate(plan, allocation, _with_share(fleet, share), rate)) for share in shares]
    calm = simulated[0][1].calm
    executor_ms = calm.on_demand_ms + calm.spot_ms
    base_usd = executor_ms / 3_600_000 * prices.on_demand_h_usd
    if ran_usd is not None and base_usd > 0:
        scale = ran_usd / base_usd
        prices = Prices(prices.ec2_h_usd * scale, prices.rest_h_usd * scale, prices.discount)
        base_usd = executor_ms / 3_600_000 * prices.on_demand_h_usd
    options = [_option(share, draws, prices, base_usd, plan.task_cpus) for share, draws in simulated]
    stages = exposures(plan, fleet.nodes, slots, fleet.notice_ms / 1000, fleet.decommission)
    task_ms = sum(stage.task_ms for stage in stages)
    most_spot = min(simulated, key=lambda pair: pair[0])[1]
    overhead = float((most_spot.on_demand_ms + most_spot.spot_ms).mean()) / executor_ms - 1 if executor_ms else 0.0
    return Suitability(
        options=options,
        recommended=recommended(options),
        on_demand_usd=base_usd,
        calm_wall_ms=calm.wall_ms,
        kill_share=sum(s.kill_share * s.task_ms for s in stages) / task_ms if task_ms else 0.0,
        long_share=sum(s.long_share * s.task_ms for s in stages) / task_ms if task_ms else 0.0,
        stages=sorted(stages, key=lambda s: -s.task_ms),
        overhead=max(0.0, overhead),
        break_even_discount=break_even_discount(max(0.0, overhead), prices.fee_ratio),
        break_even_rate_h=_break_even_rate(overhead, rate, prices),
        nodes=fleet.nodes,
        replays=sum(draws.replays for _, draws in simulated),
    )


def recommended(options: Sequence[Option]) -> Option:
    """The option that saves most among those within the delay budget; all On-Demand where none saves."""
    allowed = [option for option in options if option.within_budget and option.saving_usd.mean > 0]
    return max(allowed, key=lambda o: o.saving_usd.mean) if allowed else max(options, key=lambda o: o.on_demand_share)


def break_even_discount(overhead: float, fee_ratio: float) -> float:
    """The discount on the EC2 part at which Spot costs what On-Demand does: (1 + u) O / (1 + O)."""
    return (1 + fee_ratio) * overhead / (1 + overhead)


def _break_even_rate(overhead: float, rate: ReclaimRate, prices: Prices) -> float | None:
    """Overhead grows with the rate while it is small; the rate at which it eats the discount, O = D / (1 + u - D)."""
    if overhead <= 0 or rate.mean_h <= 0:
        return None
    return rate.mean_h * prices.discount / (1 + prices.fee_ratio - prices.discount) / overhead


def _with_share(fleet: Fleet, share: float) -> Fleet:
    return replace(fleet, on_demand_share=share)


def _option(share: float, draws: Simulated, prices: Prices, base_usd: float, task_cpus: int) -> Option:
    paid = draws.on_demand_ms / 3_600_000 * prices.on_demand_h_usd + draws.spot_ms / 3_600_000 * prices.spot_h_usd
    delay = draws.wall_ms - draws.calm.wall_ms
    spread = _spread(delay)
    return Option(
        on_demand_share=share,
        saving_usd=_spread(base_usd - paid),
        delay_ms=spread,
        rerun_core_s=_spread(draws.rerun_ms / 1000 * task_cpus),
        reclaims=float(draws.nodes_reclaimed.mean()),
        within_budget=spread.high <= DELAY_BUDGET * draws.calm.wall_ms,
    )


def _spread(values: Numbers) -> Spread:
    low, high = np.quantile(values, (0.05, 0.95))
    return Spread(float(low), float(values.mean()), float(high))
