"""Replays with reclaims against closed forms: what is killed, what runs again, and when it is over."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.spot.stages import exposures
from analyzer.timeline.allocation import Allocation
from analyzer.timeline.plan import Plan, PlannedJob, PlannedStage
from analyzer.timeline.reclaims import Interrupted, Reclaim, SpotFleet, replay_with_reclaims
from analyzer.timeline.replay import replay
from tests.unit.analyzer.timeline.test_replay import dynamic, fixed, jobs_in_a_row

MINUTE = 60_000
NOTICE = 2 * MINUTE


def fleet(nodes: int, on_demand: float = 0.0, per_node: int = 1, decommission: bool = False, replace_ms: int = NOTICE) -> SpotFleet:
    return SpotFleet(per_node, on_demand, nodes, NOTICE, replace_ms, decommission)


def reclaim(at_ms: int, *picks: float) -> Reclaim:
    return Reclaim(at_ms, 0.0, picks or (0.0,))


def map_and_reduce(maps: list[int], reduces: list[int]) -> Plan:
    stages = [PlannedStage(0, 0, 0, (), 0, 0, maps), PlannedStage(0, 0, 1, (0,), 0, 0, reduces)]
    return Plan([PlannedJob(0, 0, 0)], stages, 0, 1, 0)


def run(plan: Plan, allocation: Allocation, spot: SpotFleet, *reclaims: Reclaim) -> Interrupted:
    return replay_with_reclaims(plan, allocation, spot, reclaims)


def test_without_a_reclaim_it_is_the_plain_replay() -> None:
    plan = jobs_in_a_row([5 * MINUTE] * 7, [MINUTE] * 5, gap_ms=1000)
    result = run(plan, fixed(3), fleet(3))

    assert result.wall_ms == replay(plan, fixed(3)).wall_ms
    assert (result.nodes_reclaimed, result.tasks_killed, result.rerun_ms) == (0, 0, 0)


def test_a_task_that_outlives_the_notice_starts_again() -> None:
    # One task of 10 minutes on one node; notice at 3, gone at 5, a successor at once: 5 + 10 minutes, of which 5 were lost.
    result = run(jobs_in_a_row([10 * MINUTE]), fixed(1), fleet(1), reclaim(3 * MINUTE))

    assert result.wall_ms == 15 * MINUTE
    assert (result.tasks_killed, result.rerun_ms) == (1, 5 * MINUTE)


def test_a_task_that_ends_within_the_notice_is_not_lost() -> None:
    result = run(jobs_in_a_row([4 * MINUTE]), fixed(1), fleet(1), reclaim(3 * MINUTE))

    assert (result.wall_ms, result.tasks_killed) == (4 * MINUTE, 0)


def test_no_task_starts_on_a_node_with_a_notice() -> None:
    # Two tasks of a minute after another; the notice comes with the first: the second waits for the successor at 2 minutes.
    result = run(jobs_in_a_row([MINUTE, MINUTE]), fixed(1), fleet(1), reclaim(1))

    assert result.wall_ms == 3 * MINUTE + 1
    assert result.tasks_killed == 0


def test_a_successor_comes_when_it_is_said_to() -> None:
    result = run(jobs_in_a_row([10 * MINUTE]), fixed(1), fleet(1, replace_ms=6 * MINUTE), reclaim(3 * MINUTE))

    assert result.wall_ms == (3 + 6 + 10) * MINUTE


def test_on_demand_nodes_are_never_reclaimed() -> None:
    result = run(jobs_in_a_row([10 * MINUTE] * 2), fixed(2), fleet(2, on_demand=1.0), reclaim(MINUTE, 0.0, 0.9))

    assert (result.nodes_reclaimed, result.spot_ms) == (0, 0)
    assert result.on_demand_ms == 2 * result.wall_ms


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (0.25, 3), (0.5, 5), (0.75, 8), (1.0, 10)])
def test_the_share_of_on_demand_nodes_is_what_was_asked(share: float, expected: int) -> None:
    spot = fleet(10, on_demand=share)

    assert sum(spot.is_on_demand(node) for node in range(10)) == expected


def test_lost_map_output_runs_again_before_the_rest_of_the_reduce() -> None:
    # Two maps of a minute on two nodes; reduces of 4 minutes, four of them, on two slots. Node 0 goes at 3 minutes with its map
    # output and its running reduce. Its map runs again as soon as a slot is free.
    plan = map_and_reduce([MINUTE] * 2, [4 * MINUTE] * 4)
    lost = run(plan, fixed(2), fleet(2), reclaim(MINUTE + 1, 0.0))
    kept = run(plan, fixed(2), fleet(2, decommission=True), reclaim(MINUTE + 1, 0.0))

    assert lost.rerun_ms == MINUTE + 2 * MINUTE + 1
    assert kept.rerun_ms == 2 * MINUTE + 1
    assert lost.wall_ms > kept.wall_ms > replay(plan, fixed(2)).wall_ms


def test_output_that_was_read_is_not_missed() -> None:
    plan = jobs_in_a_row([MINUTE] * 2, [10 * MINUTE] * 2)  # two jobs without a shuffle between them
    result = run(plan, fixed(2), fleet(2), reclaim(2 * MINUTE, 0.0))

    assert result.rerun_ms == 3 * MINUTE


def test_a_successor_has_the_cores_of_the_executor_that_went() -> None:
    # Four tasks of ten minutes on an executor of four cores, gone at minute 3: its successor runs all four at once again.
    mixed = Allocation(1, [0, 0], [None, None], cores_each=[4, 1])
    result = run(jobs_in_a_row([10 * MINUTE] * 5), mixed, fleet(2), reclaim(MINUTE, 0.0))

    assert (result.tasks_killed, result.wall_ms) == (4, 13 * MINUTE)


def test_reclaims_of_a_batch_take_several_nodes_at_once() -> None:
    result = run(jobs_in_a_row([10 * MINUTE] * 4), fixed(4), fleet(4), reclaim(MINUTE, 0.1, 0.1, 0.1))

    assert (result.nodes_reclaimed, result.tasks_killed) == (3, 3)


def test_a_node_takes_all_its_executors() -> None:
    result = run(jobs_in_a_row([10 * MINUTE] * 4), fixed(4), fleet(2, per_node=2), reclaim(MINUTE, 0.9))

    assert (result.nodes_reclaimed, result.tasks_killed) == (1, 2)


def test_dynamic_allocation_asks_for_successors_itself() -> None:
    result = run(jobs_in_a_row([10 * MINUTE] * 2), dynamic(initial=2, most=2), fleet(2), reclaim(MINUTE, 0.0))

    assert result.tasks_killed == 1
    assert 13 * MINUTE <= result.wall_ms <= 14 * MINUTE


def test_an_executor_that_has_not_registered_is_not_reclaimed() -> None:
    # Node 0 has executor 0, and executor 1 from minute 2 on. It is reclaimed at minute 1, which executor 1 has not come to see.
    plan = jobs_in_a_row([10 * MINUTE] * 2)
    staggered = Allocation(1, [0, 2 * MINUTE], [None, None])
    result = run(plan, staggered, fleet(1, per_node=2), reclaim(MINUTE))

    assert (result.tasks_killed, result.rerun_ms) == (1, 3 * MINUTE)
    # Executor 0 to minute 3, its successor from then on, executor 1 from minute 2 on.
    assert result.wall_ms == 13 * MINUTE
    assert result.spot_ms == (3 + 10 + 11) * MINUTE


def test_an_executor_that_was_released_is_not_reclaimed() -> None:
    # Both executors are released 10 s after the first job; the second job asks for one.
    plan = jobs_in_a_row([MINUTE] * 2, [MINUTE], gap_ms=10 * MINUTE)
    result = run(plan, dynamic(initial=2), fleet(2), reclaim(15 * MINUTE, 0.0))
    calm = run(plan, dynamic(initial=2), fleet(2))

    assert (result.nodes_reclaimed, result.spot_ms) == (0, calm.spot_ms)


def test_draws_are_thinned_to_the_nodes_that_there_are() -> None:
    plan = jobs_in_a_row([10 * MINUTE])

    assert run(plan, fixed(1), fleet(10), Reclaim(MINUTE, 0.2, (0.0,))).nodes_reclaimed == 0
    assert run(plan, fixed(1), fleet(10), Reclaim(MINUTE, 0.05, (0.0,))).nodes_reclaimed == 1


stages = st.lists(st.lists(st.integers(1, 10 * MINUTE), min_size=1, max_size=8), min_size=1, max_size=3)
draws = st.builds(
    Reclaim,
    st.integers(0, 40 * MINUTE),
    st.floats(0, 1, exclude_max=True),
    st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=3),
)


@given(stages=stages, executors=st.integers(1, 4), reclaims=st.lists(draws, max_size=6), share=st.floats(0, 1), moves=st.booleans())
@settings(deadline=None, max_examples=40)
def test_every_run_ends_and_pays_for_what_it_did(
    stages: list[list[int]], executors: int, reclaims: list[Reclaim], share: float, moves: bool
) -> None:
    chained = Plan([PlannedJob(0, 0, 0)], [PlannedStage(0, 0, n, (n - 1,) if n else (), 0, 0, d) for n, d in enumerate(stages)], 0, 1, 0)
    ordered = sorted(reclaims, key=lambda r: r.at_ms)
    result = replay_with_reclaims(chained, fixed(executors), fleet(executors, share, decommission=moves), ordered)

    assert result.wall_ms >= sum(max(durations) for durations in stages)
    assert result.on_demand_ms + result.spot_ms >= chained.work_ms - 1
    assert result.on_demand_ms + result.spot_ms <= 2 * executors * result.wall_ms
    if not result.nodes_reclaimed:
        assert result.wall_ms == replay(chained, fixed(executors)).wall_ms


# Renewal argument: back-to-back tasks of length d under reclaims at rate r lose r d / 2 of a slot's time to killed work and
# drained slots when d is over the notice, whose length does not matter.
def test_the_time_that_reclaims_waste_is_as_derived() -> None:
    random, rate_h, length = np.random.default_rng(5), 0.5, 10 * MINUTE
    plan, wasted = jobs_in_a_row([length] * 60), []
    for _ in range(150):
        times = np.cumsum(random.exponential(3_600_000 / rate_h, 40))
        result = run(plan, fixed(1), fleet(1), *(reclaim(int(at)) for at in times))
        wasted.append(result.wall_ms / plan.work_ms - 1)

    assert np.mean(wasted) == pytest.approx(rate_h * length / 3_600_000 / 2, rel=0.15)


# r (d^2 - w^2) / 2 a task, as the stages of a plan are judged: tasks of 20 minutes one after another on one slot.
def test_killed_tasks_lose_as_much_as_the_stage_formula_says() -> None:
    random, rate_h = np.random.default_rng(7), 0.2
    plan = jobs_in_a_row([20 * MINUTE] * 60)
    (stage,) = exposures(plan, nodes=1, slots=1, notice_s=NOTICE / 1000, decommission=True)
    lost_ms = []
    for _ in range(200):
        times = np.cumsum(random.exponential(3_600_000 / rate_h, 40))
        result = run(plan, fixed(1), fleet(1), *(reclaim(int(at)) for at in times))
        lost_ms.append(result.rerun_ms * plan.work_ms / result.wall_ms)

    assert np.mean(lost_ms) == pytest.approx(stage.rework_s(rate_h) * 1000, rel=0.1)
