"""Monte Carlo: many replays of one run while Spot nodes are reclaimed, each with a rate that the evidence allows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analyzer.spot.rate import ReclaimRate
from analyzer.timeline.allocation import Allocation
from analyzer.timeline.plan import Plan
from analyzer.timeline.reclaims import Interrupted, Reclaim, SpotFleet, replay_with_reclaims

SEED = 20_261_125
DRAWS = 400
HORIZON = 3
"""Reclaims are drawn for so many times the run's length; a run that takes longer meets none after that."""
REPLAYED_TASKS = 1_500_000
"""Tasks that all replays of one fleet go through: fewer replays of a larger application."""
LEAST_REPLAYS, MOST_REPLAYS = 4, 60
Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is simulated: the nodes and how they are bought."""

    executors_per_node: int
    nodes: int
    on_demand_share: float
    notice_ms: int
    replace_ms: int
    batch: float
    decommission: bool


@dataclass(frozen=True, slots=True)
class Simulated:
    """Draws of one fleet: wall time, executor time On-Demand and on Spot, in ms; one element a draw."""

    calm: Interrupted
    """Without a reclaim."""
    wall_ms: Numbers
    on_demand_ms: Numbers
    spot_ms: Numbers
    rerun_ms: Numbers
    nodes_reclaimed: Numbers
    replays: int


def simulate(plan: Plan, allocation: Allocation, fleet: Fleet, rate: ReclaimRate, draws: int = DRAWS) -> Simulated:
    """Draws of a run on a fleet. Those without a reclaim need no replay; of the others as many as time allows stand for the rest."""
    spot = SpotFleet(
        fleet.executors_per_node,
        fleet.on_demand_share,
        max(1, fleet.nodes),
        fleet.notice_ms,
        fleet.replace_ms,
        fleet.decommission,
        fleet.batch,
    )
    calm = replay_with_reclaims(plan, allocation, spot, ())
    random = np.random.default_rng(SEED)
    drawn = [_reclaims(random, per_h, calm.wall_ms, spot) for per_h in rate.draws(draws)]
    tasks = sum(len(stage.durations_ms) for stage in plan.stages)
    budget = min(MOST_REPLAYS, max(LEAST_REPLAYS, REPLAYED_TASKS // max(1, tasks)))
    troubled = [number for number, reclaims in enumerate(drawn) if reclaims]
    replayed = [replay_with_reclaims(plan, allocation, spot, drawn[number]) for number in troubled[:budget]]
    outcomes = [calm] * (draws - len(troubled)) + replayed
    if len(troubled) > budget:
        outcomes += [replayed[place] for place in random.integers(0, len(replayed), len(troubled) - budget)]
    return Simulated(
        calm=calm,
        wall_ms=_column(outcomes, "wall_ms"),
        on_demand_ms=_column(outcomes, "on_demand_ms"),
        spot_ms=_column(outcomes, "spot_ms"),
        rerun_ms=_column(outcomes, "rerun_ms"),
        nodes_reclaimed=_column(outcomes, "nodes_reclaimed"),
        replays=len(replayed) + 1,
    )


def _reclaims(random: np.random.Generator, per_h: float, wall_ms: int, fleet: SpotFleet) -> Sequence[Reclaim]:
    """Reclaims over the horizon for a fleet that is all Spot; the replay thins them to the nodes that there are."""
    if fleet.on_demand_share >= 1:
        return ()
    horizon_ms = wall_ms * HORIZON
    events = random.poisson(per_h / 3_600_000 * fleet.exposure(fleet.nodes_at_most) * horizon_ms)
    times = np.sort(random.uniform(0, horizon_ms, events))
    # A reclaim that comes after the calm run has ended matters only if an earlier one made the run longer.
    if not events or times[0] >= wall_ms:
        return ()
    sizes = random.geometric(1 / fleet.batch, events)
    return [
        Reclaim(int(at), float(random.random()), tuple(random.random(int(size)).tolist())) for at, size in zip(times, sizes, strict=True)
    ]


def _column(outcomes: Sequence[Interrupted], name: str) -> Numbers:
    return np.array([getattr(outcome, name) for outcome in outcomes], dtype=np.float64)
