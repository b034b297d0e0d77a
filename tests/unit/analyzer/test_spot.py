"""Spot suitability: the rate, what stages would lose, what an application would save."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cost.book import load_price_book
from analyzer.spot.rate import ReclaimRate, reclaim_rate
from analyzer.spot.simulate import Fleet, simulate
from analyzer.spot.stages import exposures
from analyzer.spot.suitability import Option, Prices, Spread, break_even_discount, recommended, suitability
from tests.unit.analyzer.timeline.test_replay import fixed, jobs_in_a_row

FIGURES = load_price_book().spot
MINUTE, HOUR = 60_000, 3_600_000
FLEET = Fleet(1, 10, 0.0, 2 * MINUTE, 4 * MINUTE, 1.0, False)
M5 = Prices(0.192, 0.048, 0.6)


def test_without_evidence_the_rate_is_the_assumption() -> None:
    rate = reclaim_rate(0, 0, FIGURES)

    assert rate.mean_h == pytest.approx(0.005)
    assert rate.assumed
    low, high = rate.interval_h
    assert low < rate.mean_h < high


def test_evidence_takes_over() -> None:
    assert reclaim_rate(30, 1000, FIGURES).mean_h == pytest.approx(30.5 / 1100)
    assert not reclaim_rate(30, 1000, FIGURES).assumed
    assert reclaim_rate(0, 10_000, FIGURES).mean_h == pytest.approx(0.5 / 10_100)


# Source: quantiles of the gamma distribution from any table: half the 5 % and 95 % points of chi-squared with 2 degrees of freedom.
def test_intervals_are_those_of_the_gamma_distribution() -> None:
    low, high = ReclaimRate(0, 0.0, 0.01, 100.0).interval_h

    assert low == pytest.approx(0.0513 / 100, rel=0.05)
    assert high == pytest.approx(2.996 / 100, rel=0.05)


@given(k=st.integers(0, 50), hours=st.floats(0, 1e5), more=st.integers(1, 10))
@settings(deadline=None, max_examples=30)
def test_more_reclaims_never_lower_the_rate(k: int, hours: float, more: int) -> None:
    assert reclaim_rate(k + more, hours, FIGURES).mean_h > reclaim_rate(k, hours, FIGURES).mean_h


@pytest.mark.parametrize(("minutes", "kill"), [(2, 0.0), (5, 0.6), (10, 0.8), (60, 58 / 60)])
def test_the_chance_that_a_reclaim_kills_what_it_meets(minutes: int, kill: float) -> None:
    (stage,) = exposures(jobs_in_a_row([minutes * MINUTE] * 20), nodes=10, slots=10, notice_s=120, decommission=False)

    assert stage.kill_share == pytest.approx(kill)
    assert stage.long_share == (1.0 if minutes > 2 else 0.0)


def test_rework_of_a_stage_is_as_derived() -> None:
    (stage,) = exposures(jobs_in_a_row([HOUR] * 10), nodes=10, slots=10, notice_s=120, decommission=True)

    # r (d^2 - w^2) / 2 a task, of 3,600 s each: 0.25 % at half a per cent an hour.
    assert stage.rework_s(0.005) / 36_000 == pytest.approx(0.0025, rel=0.01)
    assert stage.rework_s(0.05) == pytest.approx(10 * stage.rework_s(0.005))
    assert stage.stall_s(0.005) == pytest.approx(10 * 1 * 0.005 * (3480 / 3600) * 3600)


def test_short_tasks_suit_spot_and_save_nearly_the_discount() -> None:
    judged = suitability(jobs_in_a_row([MINUTE] * 600), fixed(10), FLEET, 10, reclaim_rate(0, 0, FIGURES), M5)

    assert judged.recommended.on_demand_share == 0
    assert judged.recommended.saving_usd.mean == pytest.approx(judged.on_demand_usd * 0.6 * 0.8, rel=0.02)
    assert judged.kill_share == 0
    assert judged.break_even_discount < 0.1


def test_long_tasks_under_many_reclaims_keep_nodes_on_demand() -> None:
    certain = ReclaimRate(0, 0.0, 0.5, 1e9)
    judged = suitability(jobs_in_a_row([4 * HOUR] * 10, [4 * HOUR] * 10), fixed(10), FLEET, 10, certain, M5)

    all_spot = next(option for option in judged.options if option.on_demand_share == 0)
    assert not all_spot.within_budget
    assert judged.recommended.on_demand_share > 0
    assert judged.break_even_discount > 0.3
    assert judged.break_even_rate_h is not None


def test_everything_on_demand_saves_nothing_and_delays_nothing() -> None:
    judged = suitability(jobs_in_a_row([HOUR] * 10), fixed(10), FLEET, 10, ReclaimRate(0, 0.0, 0.5, 1e9), M5)
    on_demand = judged.options[-1]

    assert on_demand.on_demand_share == 1
    assert (on_demand.saving_usd, on_demand.delay_ms) == (Spread(0, 0, 0), Spread(0, 0, 0))


def test_a_replay_that_is_off_saves_a_share_of_what_was_paid() -> None:
    # The replay takes 600 task-minutes; the run paid for a tenth of that.
    plan, rate = jobs_in_a_row([MINUTE] * 600), reclaim_rate(0, 0, FIGURES)
    paid = suitability(plan, fixed(10), FLEET, 10, rate, M5).on_demand_usd / 10
    judged = suitability(plan, fixed(10), FLEET, 10, rate, M5, paid)

    assert judged.on_demand_usd == pytest.approx(paid)
    assert judged.recommended.saving_usd.mean == pytest.approx(paid * 0.6 * 0.8, rel=0.02)
    assert judged.options[-1].saving_usd == Spread(0, 0, 0)


def test_a_higher_rate_costs_more() -> None:
    plan = jobs_in_a_row([HOUR] * 20)
    few, many = (simulate(plan, fixed(10), FLEET, ReclaimRate(0, 0.0, rate, 1e9)) for rate in (0.01, 0.3))

    assert many.wall_ms.mean() > few.wall_ms.mean()
    assert many.rerun_ms.mean() > few.rerun_ms.mean()
    assert (few.wall_ms >= few.calm.wall_ms).all()


def test_the_same_question_has_the_same_answer() -> None:
    plan, rate = jobs_in_a_row([HOUR] * 20), ReclaimRate(0, 0.0, 0.1, 1e9)

    assert np.array_equal(simulate(plan, fixed(10), FLEET, rate).wall_ms, simulate(plan, fixed(10), FLEET, rate).wall_ms)


def test_reclaims_are_as_many_as_the_rate_says() -> None:
    # Ten nodes for two hours at 2 % an hour: 0.4 reclaims a run, in batches or not.
    plan = jobs_in_a_row([MINUTE] * 1200)
    for batch in (1.0, 3.0):
        drawn = simulate(plan, fixed(10), replace(FLEET, batch=batch), ReclaimRate(0, 0.0, 0.02, 1e9), draws=3000)
        assert drawn.nodes_reclaimed.mean() == pytest.approx(0.4, rel=0.35)


@pytest.mark.parametrize("share", [0.0, 0.5])
@pytest.mark.parametrize("nodes", [1, 2, 6])
def test_a_small_fleet_is_reclaimed_as_often_as_the_rate_says_though_batches_are_larger(nodes: int, share: float) -> None:
    # Two hours at 5 % an hour of each Spot node; a batch of four takes no more nodes than there are.
    plan, fleet = jobs_in_a_row([MINUTE] * 120 * nodes), replace(FLEET, nodes=nodes, batch=4.0, on_demand_share=share, decommission=True)
    on_spot = nodes - math.ceil(nodes * share)
    drawn = simulate(plan, fixed(nodes), fleet, ReclaimRate(0, 0.0, 0.05, 1e9), draws=6000)

    assert drawn.nodes_reclaimed.mean() == pytest.approx(0.1 * on_spot, rel=0.2)


# Source: derived from O = overhead and u = fee / EC2 price; the values for u = 0.25 were computed independently.
@pytest.mark.parametrize(("overhead", "discount"), [(0.01, 0.012), (0.05, 0.060), (0.10, 0.114), (0.5, 0.417), (1.0, 0.625)])
def test_break_even_discounts(overhead: float, discount: float) -> None:
    assert break_even_discount(overhead, 0.25) == pytest.approx(discount, abs=0.001)


def test_nothing_is_recommended_that_delays_too_much_or_saves_nothing() -> None:
    def option(share: float, saving: float, within: bool) -> Option:
        return Option(share, Spread(saving, saving, saving), Spread(0, 0, 0), Spread(0, 0, 0), 0.0, within)

    assert recommended([option(0, 9, False), option(0.5, 5, True), option(1, 0, True)]).on_demand_share == 0.5
    assert recommended([option(0, -1, True), option(0.5, -1, True), option(1, 0, True)]).on_demand_share == 1
