"""Replays against closed forms: what a run must take on given executors."""

from __future__ import annotations

from dataclasses import replace
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cost.book import load_price_book
from analyzer.cost.price import Target
from analyzer.timeline.allocation import Allocation, DynamicAllocation, unasked_executors
from analyzer.timeline.history import Job
from analyzer.timeline.list_schedule import makespan_ms
from analyzer.timeline.plan import Plan, PlannedJob, PlannedStage, plan_of
from analyzer.timeline.replay import CannotReplay, replay
from analyzer.timeline.whatif import SKEW_MOST_PIECES, Choice, critical_path_ms, predict, without_skew
from tests.unit.analyzer.timeline.histories import ALife, AStage, ATask, Written, written

MINUTE = 60_000


def jobs_in_a_row(*stages: list[int], gap_ms: int = 0, task_cpus: int = 1) -> Plan:
    """A plan of one job a stage, one after the other, each `gap_ms` after the one before."""
    return Plan(
        jobs=[PlannedJob(after=number, gap_ms=gap_ms, tail_ms=0) for number in range(len(stages))],
        stages=[PlannedStage(number, number, number, (), 0, 0, durations) for number, durations in enumerate(stages)],
        end_gap_ms=gap_ms,
        task_cpus=task_cpus,
        inferred_parents=0,
    )


def fixed(executors: int, cores: int = 1) -> Allocation:
    return Allocation(cores, [0] * executors, [None] * executors)


def dynamic(least: int = 0, most: int = 100, idle_ms: int | None = 10_000, provision_ms: int = 0, initial: int = 0) -> Allocation:
    growing = DynamicAllocation(most=most, least=least, backlog_ms=1000, sustained_ms=1000, idle_ms=idle_ms, provision_ms=provision_ms)
    return Allocation(1, [0] * initial, [None] * initial, growing)


@pytest.mark.parametrize(("executors", "wall_ms"), [(1, 1000), (2, 500), (10, 100), (20, 100)])
def test_perfect_parallelism_divides_the_work(executors: int, wall_ms: int) -> None:
    assert replay(jobs_in_a_row([100] * 10), fixed(executors)).wall_ms == wall_ms


@pytest.mark.parametrize("executors", [2, 11, 500])
def test_one_straggler_holds_the_stage_however_many_executors(executors: int) -> None:
    assert replay(jobs_in_a_row([5000] + [100] * 10), fixed(executors)).wall_ms == 5000


def test_driver_gaps_are_kept() -> None:
    assert replay(jobs_in_a_row([100], [100], gap_ms=1000), fixed(50)).wall_ms == 3 * 1000 + 2 * 100


# Source: aws-samples/aws-emr-advisor, job_spark_shell: two jobs of eight tasks of a minute.
@pytest.mark.parametrize(("executors", "cores", "minutes"), [(1, 4, 4), (2, 4, 2), (2, 8, 2)])
def test_two_jobs_agree_with_the_emr_advisor(executors: int, cores: int, minutes: int) -> None:
    assert replay(jobs_in_a_row([MINUTE] * 8, [MINUTE] * 8), fixed(executors, cores)).wall_ms == minutes * MINUTE


def test_the_critical_path_is_the_longest_chain_of_longest_tasks() -> None:
    # A diamond: 0 before 1 and 2, both before 3.
    stages = [
        PlannedStage(0, 0, 0, (), 10, 0, [100, 50]),
        PlannedStage(0, 0, 1, (0,), 0, 0, [300] * 7),
        PlannedStage(0, 0, 2, (0,), 0, 0, [700, 1]),
        PlannedStage(0, 0, 3, (1, 2), 0, 5, [40]),
    ]
    plan = Plan([PlannedJob(0, 1000, 0)], stages, end_gap_ms=500, task_cpus=1, inferred_parents=0)

    assert critical_path_ms(plan) == 1000 + 10 + 100 + 700 + 40 + 5 + 500
    assert replay(plan, fixed(1000)).wall_ms == critical_path_ms(plan)


def test_stages_of_one_job_share_the_slots_in_order_of_their_ids() -> None:
    stages = [PlannedStage(0, 0, 0, (), 0, 0, [100] * 3), PlannedStage(0, 0, 1, (), 0, 0, [100] * 3)]
    plan = Plan([PlannedJob(0, 0, 0)], stages, 0, 1, 0)

    assert replay(plan, fixed(2)).wall_ms == 300


@given(st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=30), min_size=1, max_size=4), st.integers(1, 12))
@settings(deadline=None)
def test_stages_in_a_row_are_list_schedules(stages: list[list[int]], executors: int) -> None:
    expected = sum(makespan_ms(durations, executors) for durations in stages)

    assert replay(jobs_in_a_row(*stages), fixed(executors)).wall_ms == expected


@given(st.lists(st.lists(st.integers(1, 500), min_size=1, max_size=20), min_size=1, max_size=3), st.integers(1, 8))
@settings(deadline=None)
def test_identity_of_executors_does_not_change_the_schedule(stages: list[list[int]], executors: int) -> None:
    """Executors that are known by number, since one leaves after the end, run tasks as nameless slots do."""
    plan, far = jobs_in_a_row(*stages), 10_000_000
    known = Allocation(1, [0] * executors, [*[None] * (executors - 1), far])

    assert replay(plan, known).wall_ms == replay(plan, fixed(executors)).wall_ms


@given(
    st.lists(st.lists(st.integers(1, 20_000), min_size=1, max_size=30), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 90_000)
)
@settings(deadline=None)
def test_dynamic_allocation_is_never_faster_than_all_executors_at_once(stages: list[list[int]], initial: int, gap_ms: int) -> None:
    plan = jobs_in_a_row(*stages, gap_ms=gap_ms)
    replayed = replay(plan, dynamic(most=max(3, initial), initial=initial))

    assert replayed.wall_ms >= critical_path_ms(plan)
    assert replayed.executor_ms >= plan.work_ms
    assert all(0 <= came <= left <= replayed.wall_ms for came, left in replayed.lives_ms)


def test_the_backlog_time_out_begins_anew_when_tasks_wait_anew() -> None:
    # The first job's only task is launched at once, so that none waits. The second job's wait from 900 ms on.
    replayed = replay(jobs_in_a_row([900], [10_000] * 3), dynamic(initial=1))

    assert sorted(came for came, _ in replayed.lives_ms) == [0, 1900, 2900]


def test_dynamic_allocation_doubles_its_requests() -> None:
    replayed = replay(jobs_in_a_row([100_000] * 15), dynamic())

    assert sorted(came for came, _ in replayed.lives_ms) == [1000] + [2000] * 2 + [3000] * 4 + [4000] * 8
    assert replayed.wall_ms == 4000 + 100_000


def test_dynamic_allocation_stops_at_its_limit() -> None:
    assert len(replay(jobs_in_a_row([100_000] * 15), dynamic(most=4)).lives_ms) == 4


def test_dynamic_allocation_asks_for_no_more_than_the_tasks_need() -> None:
    assert len(replay(jobs_in_a_row([100_000] * 5), dynamic()).lives_ms) == 5


def test_idle_executors_are_released_after_the_time_out() -> None:
    replayed = replay(jobs_in_a_row([100_000, 30_000]), dynamic(initial=2))

    assert sorted(left for _, left in replayed.lives_ms) == [40_000, 100_000]


def test_the_least_number_of_executors_is_kept() -> None:
    replayed = replay(jobs_in_a_row([100, 100, 100], gap_ms=100_000), dynamic(initial=3, least=2))

    assert sorted(left for _, left in replayed.lives_ms) == [10_000, 200_200, 200_200]


def test_held_executors_stay_to_the_end() -> None:
    replayed = replay(jobs_in_a_row([100_000, 30_000]), dynamic(initial=2, idle_ms=None))

    assert [left for _, left in replayed.lives_ms] == [100_000, 100_000]


def test_an_executor_that_is_lost_takes_no_more_tasks() -> None:
    replayed = replay(jobs_in_a_row([100] * 10), Allocation(1, [0, 0], [None, 100]))

    assert replayed.wall_ms == 900
    assert replayed.executor_ms == 900 + 100


def test_a_task_of_two_cores_takes_two_slots() -> None:
    assert replay(jobs_in_a_row([100] * 4, task_cpus=2), fixed(1, 4)).wall_ms == 200


@pytest.mark.parametrize("allocation", [Allocation(1, [], []), dynamic(most=0)], ids=["none", "at most none"])
def test_tasks_without_executors_are_refused(allocation: Allocation) -> None:
    with pytest.raises(CannotReplay, match="executor"):
        replay(jobs_in_a_row([100]), allocation)


def test_a_plan_keeps_parents_gaps_and_tasks() -> None:
    history = Written(
        ended=1000,
        lives=[ALife(2, 0, 1000)],
        stages=[AStage(0, 110, 205), AStage(1, 215, 320, parents=(0,)), AStage(2, 600, 700)],
        jobs=[Job(0, 100, 330, (0, 1)), Job(1, 590, 700, (2,))],
        tasks=[ATask(0, 0, 110, 200), ATask(0, 0, 110, 150, index=1), ATask(0, 1, 215, 320), ATask(0, 2, 600, 700)],
    ).history()
    plan = plan_of(history)

    assert plan.jobs == [PlannedJob(0, 100, 10), PlannedJob(1, 260, 0)]
    assert [(s.stage_id, s.parents, s.gap_ms, s.tail_ms, s.durations_ms) for s in plan.stages] == [
        (0, (), 10, 5, [90, 40]),
        (1, (0,), 10, 0, [105]),
        (2, (), 10, 0, [100]),
    ]
    assert (plan.end_gap_ms, plan.inferred_parents) == (300, 0)
    assert replay(plan, fixed(1, 2)).wall_ms == 1000


def test_stages_without_named_parents_keep_the_order_of_the_run_and_are_counted() -> None:
    history = Written(
        ended=400,
        lives=[ALife(4, 0, 400)],
        stages=[AStage(5, 0, 200), AStage(6, 210, 400)],
        jobs=[Job(0, 0, 400, (5, 6))],
        tasks=[ATask(0, 0, 0, 200), ATask(0, 1, 210, 400)],
    ).history()
    plan = plan_of(history)

    assert plan.stages[1].parents == (0,)
    assert plan.inferred_parents == 1


def test_stages_of_no_known_job_follow_each_other() -> None:
    history = Written(
        ended=400,
        lives=[ALife(4, 0, 400)],
        stages=[AStage(0, 0, 200), AStage(1, 210, 400)],
        tasks=[ATask(0, 0, 0, 200), ATask(0, 1, 210, 400)],
    ).history()

    assert replay(plan_of(history), fixed(10)).wall_ms == 400


def test_a_copy_that_lost_is_not_work() -> None:
    tasks = [ATask(0, 0, 0, 100), ATask(0, 0, 50, 100, ending="killed", speculative=True)]
    history = Written(ended=100, lives=[ALife(2, 0, 100)], stages=[AStage(0, 0, 100)], tasks=tasks).history()

    assert plan_of(history).work_ms == 100


def test_removing_skew_keeps_the_work_and_touches_no_even_stage() -> None:
    even, skewed = [1000] * 10, [9000] + [1000] * 10
    plan = without_skew(jobs_in_a_row(even, skewed))

    assert plan.stages[0].durations_ms == even
    assert plan.stages[1].durations_ms == [1000] * 19
    assert without_skew(jobs_in_a_row([900, 1, 1, 1, 1])).stages[0].durations_ms == [900, 1, 1, 1, 1]


def test_hours_beside_milliseconds_are_cut_into_a_bounded_number_of_pieces() -> None:
    hot = [1] * 200 + [3_600_000] * 20
    plan = without_skew(jobs_in_a_row(hot, hot))

    assert sum(len(stage.durations_ms) for stage in plan.stages) <= 400 + SKEW_MOST_PIECES * 1.01
    assert plan.work_ms == pytest.approx(2 * sum(hot), rel=0.01)


def test_stages_without_named_parents_wait_for_the_last_ones_before_them_only() -> None:
    history = Written(
        ended=1000,
        lives=[ALife(1, 0, 1000)],
        stages=[AStage(number, number * 10, number * 10 + 10) for number in range(100)],
        jobs=[Job(0, 0, 1000, tuple(range(100)))],
        tasks=[ATask(0, number, number * 10, number * 10 + 10) for number in range(100)],
    ).history()
    plan = plan_of(history)

    assert [stage.parents for stage in plan.stages] == [(), *((number,) for number in range(99))]
    assert (plan.inferred_parents, replay(plan, fixed(1)).wall_ms) == (99, 1000)


def test_the_critical_path_of_many_stages_keeps_no_slot_for_each() -> None:
    began = perf_counter()

    assert critical_path_ms(jobs_in_a_row(*[[1, 2]] * 20_000)) == 40_000
    assert perf_counter() - began < 10


def test_executors_that_no_task_asked_for_are_initial_ones() -> None:
    history = Written(
        ended=100_000,
        lives=[ALife(1, 0, 100_000)] * 3 + [ALife(1, 7000, 100_000)] * 2,
        stages=[AStage(0, 5000, 90_000)],
        tasks=[ATask(0, 0, 6000, 90_000, index=index) for index in range(5)],
    ).history()

    assert unasked_executors(history, 1000) == 3


def test_a_prediction_prices_every_configuration_and_states_its_error() -> None:
    hour = 3_600_000
    tasks = [ATask(number % 2, 0, number // 2 * hour, (number // 2 + 1) * hour, index=number) for number in range(8)]
    history = Written(ended=4 * hour, lives=[ALife(1, 0, 4 * hour)] * 2, stages=[AStage(0, 0, 4 * hour)], tasks=tasks).history()
    predicted = predict(history, {}, Choice(executors=(1, 8)), load_price_book(), Target())
    one, eight = predicted.scenarios

    assert (predicted.wall_error, predicted.core_time_error) == (0, 0)
    assert (one.wall_ms, eight.wall_ms) == (8 * hour, hour)
    assert one.cost.usd == pytest.approx(eight.cost.usd) == pytest.approx(predicted.actual.cost.usd)
    assert predicted.critical_path_ms == hour


def test_more_cores_an_executor_keep_the_memory_of_a_core() -> None:
    history = Written(ended=100, lives=[ALife(2, 0, 100)] * 4, stages=[AStage(0, 0, 100)], tasks=[ATask(0, 0, 0, 100)]).history()
    predicted = predict(history, {}, Choice(cores=4), load_price_book(), Target())

    assert predicted.scenarios[0].executors_peak == 2
    assert predicted.scenarios[0].cost.usd == pytest.approx(predicted.replayed.cost.usd)


def test_executors_of_different_cores_are_replayed_each_with_its_own() -> None:
    # An executor of 4 cores and one of 1: five tasks of an hour at a time, ten in two hours.
    hour = 3_600_000
    slots = [0, 0, 0, 0, 1]
    tasks = [ATask(slots[n % 5], 0, n // 5 * hour, (n // 5 + 1) * hour, index=n) for n in range(10)]
    lives = [ALife(4, 0, 2 * hour), ALife(1, 0, 2 * hour)]
    history = Written(ended=2 * hour, lives=lives, stages=[AStage(0, 0, 2 * hour)], tasks=tasks).history()
    predicted = predict(history, {}, Choice(cores=5), load_price_book(), Target())

    assert (predicted.wall_error, predicted.core_time_error) == (0, 0)
    assert predicted.replayed.core_ms == 10 * hour
    assert [(o.executors_peak, o.wall_ms) for o in predicted.scenarios] == [(1, 2 * hour)]


def test_a_run_replayed_with_dynamic_allocation_uses_its_own_settings() -> None:
    history = Written(
        ended=20_000,
        lives=[ALife(1, 1000, 20_000), ALife(1, 2000, 20_000)],
        stages=[AStage(0, 0, 20_000)],
        tasks=[ATask(0, 0, 1000, 10_000), ATask(1, 0, 2000, 11_000, index=1), ATask(0, 0, 11_000, 20_000, index=2)],
    ).history()
    conf = {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.maxExecutors": "2"}
    predicted = predict(history, conf, Choice(max_executors=1), load_price_book(), Target())

    assert predicted.replayed.executors_peak == 2
    assert predicted.scenarios[0].executors_peak == 1
    assert predicted.provision_ms == 500  # one registered 1 s after the first task waited, one 2 s


def test_a_plan_without_tasks_takes_its_gaps() -> None:
    assert replay(replace(jobs_in_a_row([]), end_gap_ms=70), fixed(1)).wall_ms == 70


@given(written(), st.integers(1, 4))
@settings(max_examples=300, deadline=None)
def test_any_history_can_be_replayed(generated: Written, executors: int) -> None:
    plan = plan_of(generated.history())

    replayed = replay(plan, fixed(executors))

    assert replayed.wall_ms >= critical_path_ms(plan)
    assert replayed.executor_ms == executors * replayed.wall_ms
    assert replayed.executor_ms >= plan.work_ms


@given(written())
@settings(max_examples=200, deadline=None)
def test_any_history_can_be_replayed_as_it_ran(generated: Written) -> None:
    history = generated.history()
    conf = {"spark.dynamicAllocation.enabled": "true", "spark.dynamicAllocation.shuffleTracking.enabled": "false"}

    predicted = predict(history, conf, Choice(max_executors=2), load_price_book(), Target())

    assert predicted.replayed.wall_ms >= predicted.critical_path_ms


@pytest.mark.parametrize(("longest_s", "told"), [(10, True), (1, False)])
def test_skew_removed_is_told_where_it_makes_a_difference(longest_s: int, told: bool) -> None:
    ended = longest_s * 1000
    tasks = [ATask(number, 0, 0, ended if number == 0 else 1000, index=number) for number in range(8)]
    history = Written(ended=ended, lives=[ALife(1, 0, ended)] * 8, stages=[AStage(0, 0, ended)], tasks=tasks).history()

    predicted = predict(history, {}, Choice(executors=(1,)), load_price_book(), Target())

    assert ("skew removed" in [outcome.name for outcome in predicted.scenarios]) is told
