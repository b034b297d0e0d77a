"""Judging an application for Spot, and turning the judgement into an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

import analyzer.spot
from analyzer.api.applications.schemas import Application
from analyzer.api.errors import invalid
from analyzer.api.ledger import Ledger
from analyzer.api.prices import prices_as_of
from analyzer.api.spot.schemas import ReclaimEvidence, SpotOption, SpotQuery, SpotStage, SpotSuitability, Spread
from analyzer.cost.book import PriceBook
from analyzer.cost.price import GIB, Target, unit_prices
from analyzer.profiles.application import read_executors, read_header
from analyzer.profiles.platform import is_local
from analyzer.spot.rate import ReclaimRate, reclaim_rate
from analyzer.spot.simulate import DRAWS, HORIZON, Fleet
from analyzer.spot.stages import StageExposure
from analyzer.spot.suitability import DELAY_BUDGET, Option, Prices, Suitability, suitability
from analyzer.timeline.allocation import Allocation, fixed_allocation, observed_allocation
from analyzer.timeline.history import History
from analyzer.timeline.plan import plan_of
from analyzer.timeline.reading import history_of
from analyzer.timeline.replay import CannotReplay
from analyzer.timeline.whatif import observed_peak
from collector.storage import load_sql

STAGES = 50
LARGE_ERROR = 0.10
"""Of the replay, as a share of the run's time: beyond it a note says so."""
_DECOMMISSION = ("spark.decommission.enabled", "spark.storage.decommission.enabled", "spark.storage.decommission.shuffleBlocks.enabled")
_Row = Mapping[str, Any]


def spot_suitability(ledger: Ledger, application: Application, query: SpotQuery) -> SpotSuitability:
    """Simulate an application on Spot; a 422 where it has no executors to move there."""
    header = read_header(ledger.store, application.app_id, application.attempt_id)
    history = history_of(ledger.store, header, read_executors(ledger.store, header))
    if is_local(header.platform) or len(history.tasks) == 0 or not (history.executors.cores > 0).any():
        raise invalid("nothing_on_spot", "this application had no executors that could be on Spot", "local mode runs on one machine")
    key = {"app_id": application.app_id, "attempt_id": application.attempt_id}
    seen = ledger.store.rows(load_sql(analyzer.spot.__file__, "removals"), key)[0]
    book = ledger.options.price_book
    rate = _rate(seen, book, query)
    decommission = _migrates(header.conf) if query.decommission is None else query.decommission
    allocation = _calm(history, observed_allocation(history, header.conf, local=False))
    peak = max(1, application.work.executors_peak)
    per_node = max(1, min(peak, round(peak / seen["own_hosts"]))) if seen["own_hosts"] else 1
    fleet = Fleet(
        executors_per_node=per_node,
        nodes=-(-peak // per_node),
        on_demand_share=0.0,
        notice_ms=round(book.spot.notice_s * 1000),
        replace_ms=round(book.spot.replace_s * 1000),
        batch=book.spot.batch if query.batch is None else query.batch,
        decommission=decommission,
    )
    target = _with_spot(application.cost.target)
    prices = _prices(history, book, target, book.spot.discount if query.discount is None else query.discount)
    slots = peak * allocation.slots(history.task_cpus)
    try:
        judged = suitability(plan_of(history), allocation, fleet, slots, rate, prices, _ran_usd(history, book, target))
    except CannotReplay as error:
        raise invalid("cannot_replay", str(error), "its executors are not all known: import the whole log") from error
    shape = _Shape(history.task_cpus, peak * allocation.cores, usd_a_core_s(history, prices))
    return _answer(application, book, judged, rate, seen, prices, shape, decommission)


def _calm(history: History, observed: Allocation) -> Allocation:
    """The executors of the run without the losses that it had: what is compared is Spot, not the run's own bad luck.

    An executor that came after another had gone is its successor. Kept are those that were there, successors included, for half
    of the time from their arrival on; where none was, as many as were alive at one time.
    """
    if observed.dynamic is not None or all(left is None for left in observed.leaves_ms):
        return observed
    wall_ms = history.ended_ms - history.started_ms
    kept = [place for place in _succeeded(observed, wall_ms) if place.lived_ms * 2 >= wall_ms - place.came_ms]
    if not kept:
        return fixed_allocation(history, observed_peak(history), observed.cores)
    each = [place.cores for place in kept] if observed.cores_each else ()
    return Allocation(observed.cores, [place.came_ms for place in kept], [None] * len(kept), cores_each=each)


@dataclass(slots=True)
class _Succession:
    """Executors that came one after the other, each when one before it had gone."""

    came_ms: int
    left_ms: int
    lived_ms: int
    cores: int
    """Of the last of them."""


def _succeeded(observed: Allocation, wall_ms: int) -> list[_Succession]:
    """The executors in order of arrival, each with its successors: one that comes takes the place that was left last."""
    places: list[_Succession] = []
    for number, (came, left) in enumerate(zip(observed.arrivals_ms, observed.leaves_ms, strict=True)):
        left = wall_ms if left is None else max(came, left)
        free = [place for place in places if place.left_ms <= came]
        if free:
            place = max(free, key=lambda place: place.left_ms)
            place.left_ms, place.lived_ms, place.cores = left, place.lived_ms + left - came, observed.cores_of(number)
        else:
            places.append(_Succession(came, left, left - came, observed.cores_of(number)))
    return places


def _rate(seen: _Row, book: PriceBook, query: SpotQuery) -> ReclaimRate:
    if query.reclaims_h is not None:
        # A rate that is given is taken as certain: it weighs more than any interval would show.
        return ReclaimRate(0, 0.0, query.reclaims_h, 1e9)
    return reclaim_rate(int(seen["reclaims"]), float(seen["host_hours"]), book.spot)


def _migrates(conf: Mapping[str, str]) -> bool:
    return (
        all(conf.get(key, "false").lower() == "true" for key in _DECOMMISSION[:2]) and conf.get(_DECOMMISSION[2], "true").lower() == "true"
    )


def _with_spot(kind: str) -> Target:
    """EMR Serverless has no Spot: its runs are priced as on EC2."""
    return Target(kind if kind != "emr-serverless" else "emr-ec2")


def _ran_usd(history: History, book: PriceBook, target: Target) -> float:
    """What the executors of the run cost over their lives, all On-Demand."""
    lives = history.executors
    alive_s = np.maximum(lives.removed_ms - lives.added_ms, 0) / 1000
    return unit_prices(book, target).usd(float(alive_s @ lives.cores), float(alive_s @ lives.memory_bytes) / GIB)


def _prices(history: History, book: PriceBook, target: Target, discount: float) -> Prices:
    """An hour of a usual executor, parted into what Spot discounts and what not."""
    ran = history.executors
    cores, memory = float(ran.cores.sum()) / len(ran.ids), float(ran.memory_bytes.sum()) / len(ran.ids)
    whole = unit_prices(book, target).usd(cores * 3600, memory / GIB * 3600)
    half = unit_prices(book, replace(target, ec2_discount=0.5)).usd(cores * 3600, memory / GIB * 3600)
    ec2 = 2 * (whole - half)
    return Prices(ec2, whole - ec2, discount)


@dataclass(frozen=True, slots=True)
class _Shape:
    """Cores of a task and of all executors, and what a core-second costs On-Demand, in USD."""

    task_cpus: int
    cores: int
    usd_a_core_s: float


def usd_a_core_s(history: History, prices: Prices) -> float:
    """USD of a core-second On-Demand, of a usual executor."""
    cores = int(history.executors.cores.sum())
    return prices.on_demand_h_usd / 3600 * len(history.executors.ids) / cores if cores else 0.0


def _answer(
    application: Application,
    book: PriceBook,
    judged: Suitability,
    rate: ReclaimRate,
    seen: _Row,
    prices: Prices,
    shape: _Shape,
    decommission: bool,
) -> SpotSuitability:
    low, high = rate.interval_h
    best = judged.recommended
    return SpotSuitability(
        app_id=application.app_id,
        attempt_id=application.attempt_id,
        price_book=book.name,
        prices_as_of=prices_as_of(book.name),
        verdict=_verdict(best),
        recommended=_option(best),
        options=[_option(option) for option in judged.options],
        on_demand_usd=judged.on_demand_usd,
        discount=prices.discount,
        kill_share=judged.kill_share,
        long_share=judged.long_share,
        overhead=judged.overhead,
        break_even_discount=judged.break_even_discount,
        break_even_per_instance_h=judged.break_even_rate_h,
        wall_ms=judged.calm_wall_ms,
        nodes=judged.nodes,
        replays=judged.replays,
        rate=ReclaimEvidence(
            mean_per_instance_h=rate.mean_h,
            low_per_instance_h=low,
            high_per_instance_h=high,
            reclaims_seen=int(seen["reclaims"]),
            instance_h_seen=float(seen["host_hours"]),
            applications=int(seen["applications"]),
            own_reclaims=int(seen["own_reclaims"]),
            assumed_per_instance_h=rate.prior_h,
            assumption_weighs_h=rate.prior_weight_h,
            basis="mostly an assumption" if rate.assumed else "mostly what was seen",
        ),
        stages=[_stage(s, (low, rate.mean_h, high), prices, shape) for s in judged.stages[:STAGES]],
        notes=_notes(application, judged, rate, decommission),
    )


def _verdict(best: Option) -> str:
    if best.on_demand_share >= 1:
        return "keep On-Demand"
    return "suits Spot" if best.on_demand_share <= 0 else "suits Spot with On-Demand nodes"


def _option(option: Option) -> SpotOption:
    return SpotOption(
        on_demand_share=option.on_demand_share,
        saving_usd=Spread(low=option.saving_usd.low, mean=option.saving_usd.mean, high=option.saving_usd.high),
        delay_ms=Spread(low=option.delay_ms.low, mean=option.delay_ms.mean, high=option.delay_ms.high),
        rerun_core_s=Spread(low=option.rerun_core_s.low, mean=option.rerun_core_s.mean, high=option.rerun_core_s.high),
        nodes_reclaimed=option.reclaims,
        within_delay_budget=option.within_budget,
    )


def _stage(stage: StageExposure, rates_h: tuple[float, float, float], prices: Prices, shape: _Shape) -> SpotStage:
    low, mean, high = rates_h

    def saving(rate_h: float) -> float:
        """Cheaper task time, less the work done again and the cores that wait, both at the Spot price."""
        spot = prices.spot_h_usd / prices.on_demand_h_usd
        again_core_s = stage.rework_s(rate_h) * shape.task_cpus + stage.stall_s(rate_h) * shape.cores
        return shape.usd_a_core_s * (stage.task_ms / 1000 * shape.task_cpus * (1 - spot) - again_core_s * spot)

    return SpotStage(
        stage_id=stage.stage_id,
        tasks=stage.tasks,
        task_s=stage.task_ms / 1000,
        longest_task_s=stage.longest_ms / 1000,
        long_share=stage.long_share,
        kill_share=stage.kill_share,
        rework_task_s=Spread(low=stage.rework_s(low), mean=stage.rework_s(mean), high=stage.rework_s(high)),
        stall_s=Spread(low=stage.stall_s(low), mean=stage.stall_s(mean), high=stage.stall_s(high)),
        saving_usd=Spread(low=saving(high), mean=saving(mean), high=saving(low)),
    )


def _notes(application: Application, judged: Suitability, rate: ReclaimRate, decommission: bool) -> list[str]:
    notes = []
    if rate.assumed and rate.prior_weight_h < 1e9:
        notes.append(
            f"the reclaim rate is an assumption: {rate.host_h:,.0f} instance-hours on Spot were seen, it weighs {rate.prior_weight_h:,.0f}"
        )
    if decommission:
        notes.append("decommissioning is on: shuffle output is taken to move before a node goes; over some 30 GB a node it would not")
    else:
        notes.append("decommissioning is off: output on a reclaimed node is computed again; " + ", ".join(_DECOMMISSION) + " would move it")
    notes.append(f"the driver stays On-Demand; a delay over {DELAY_BUDGET:.0%} is too much")
    notes.append(f"reclaims are drawn {DRAWS} times, for {HORIZON} times the run; only draws that have one need a replay")
    if application.cost.target == "emr-serverless":
        notes.append("EMR Serverless has no Spot: priced as a move to EMR on EC2; its Flex execution is the nearest")
    if judged.overhead > 0.3:
        notes.append("reclaims cost more than 30 % here: the break-even figures are rough")
    if abs(judged.calm_wall_ms - application.wall_ms) > LARGE_ERROR * application.wall_ms:
        notes.append("the replay does not reproduce this run well: take saving and delay as directions, not as figures")
    if not application.completeness.complete:
        notes.append(application.completeness.note)
    return notes
