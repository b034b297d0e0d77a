"""Where the core time went: an exact partition, on histories written by hand and on generated ones."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings

from analyzer.timeline.history import Job
from analyzer.timeline.parts import PARTS
from analyzer.timeline.slots import held_slots
from analyzer.timeline.waterfall import waterfall
from tests.unit.analyzer.timeline.histories import ALife, AStage, ATask, Written, written


def parts(history: Written) -> dict[str, int]:
    """The parts that are not 0."""
    return {name: core_ms for name, core_ms in waterfall(history.history()).parts.items() if core_ms}


@given(written())
@settings(max_examples=400, deadline=None)
def test_parts_sum_to_lifetime_times_cores_of_every_executor(generated: Written) -> None:
    history = generated.history()

    divided = waterfall(history)

    assert divided.by_executor.sum(axis=1).tolist() == history.executors.allocated_core_ms.tolist()
    assert (divided.by_executor >= 0).all()
    assert (divided.by_stage >= 0).all()


@given(written())
@settings(max_examples=400, deadline=None)
def test_busy_is_what_ran_at_each_moment_and_had_a_slot(generated: Written) -> None:
    history = generated.history()
    idle = [place for place, part in enumerate(PARTS) if part.kind == "slot_idle"]
    divided = waterfall(history)
    busy = divided.by_executor.sum(axis=1) - divided.by_executor[:, idle].sum(axis=1)

    for place, life in enumerate(generated.lives):
        weight = min(generated.task_cpus, max(1, life.cores))
        expected = 0
        for moment in range(life.added, life.removed):
            running = sum(1 for t in generated.tasks if t.executor == place and t.launched <= moment < t.finished)
            expected += min(running, life.cores // weight) * weight
        assert busy[place] == expected


@given(written())
@settings(max_examples=200, deadline=None)
def test_what_tasks_ran_is_in_a_part_or_said_to_be_clipped(generated: Written) -> None:
    history = generated.history()
    divided, held = waterfall(history), held_slots(history)
    weight = np.append(held.cores_a_task, generated.task_cpus)[history.tasks.executor]

    ran = int(((history.tasks.finished_ms - history.tasks.launched_ms) * weight).sum())

    clipped = divided.clipped_over_cores + divided.clipped_outside_life + divided.unknown_executor
    assert int(divided.by_stage.sum()) + clipped == ran


def test_every_kind_of_idle_time_is_told_apart() -> None:
    # Two executors of two cores; a job of stage 0 (four tasks, one slow), then stage 1 (one task), then driver code, then job 1.
    history = Written(
        ended=1000,
        lives=[ALife(2, 0, 1000), ALife(2, 0, 1000)],
        stages=[AStage(0, 100, 300), AStage(1, 350, 500), AStage(2, 700, 800)],
        jobs=[Job(0, 100, 500, [0, 1]), Job(1, 700, 800, [2])],
        tasks=[
            *(ATask(place % 2, 0, 100, 200, index=place) for place in range(3)),
            ATask(1, 0, 100, 300, index=3),
            ATask(0, 1, 400, 500),
            *(ATask(place % 2, 2, 700, 800, index=place) for place in range(4)),
        ],
    ).history()

    assert {name: core_ms for name, core_ms in waterfall(history).parts.items() if core_ms} == {
        "ramp_up": 4 * 100,
        "waiting_on_stragglers": 3 * 100,
        "between_stages": 4 * 100,
        "too_few_tasks": 3 * 100,
        "driver_only": 4 * 200,
        "released_late": 4 * 200,
        "useful_cpu": 10 * 100,
    }


def test_an_executor_that_waits_for_a_straggler_elsewhere_is_not_released_late() -> None:
    history = Written(
        ended=500,
        lives=[ALife(1, 0, 500), ALife(1, 0, 500)],
        stages=[AStage(0, 0, 400)],
        tasks=[ATask(0, 0, 0, 100), ATask(1, 0, 0, 400, index=1)],
    )

    assert parts(history) == {"waiting_on_stragglers": 300, "released_late": 200, "useful_cpu": 500}


def test_an_executor_without_a_task_is_all_ramp_up() -> None:
    assert parts(Written(ended=500, lives=[ALife(4, 100, 500)])) == {"ramp_up": 1600}


def test_slots_that_stay_empty_while_tasks_wait_are_other_idle() -> None:
    history = Written(
        ended=300,
        lives=[ALife(1, 0, 300), ALife(1, 0, 300)],
        stages=[AStage(0, 0, 300)],
        tasks=[ATask(0, 0, 0, 100), ATask(0, 0, 100, 200, index=1), ATask(0, 0, 200, 300, index=2), ATask(1, 0, 0, 50, index=3),
               ATask(1, 0, 250, 300, index=4)],
    )  # fmt: skip

    assert parts(history) == {"other_idle": 200, "useful_cpu": 400}


def test_a_stage_without_tasks_makes_nothing_wait_after_its_completion() -> None:
    # Stage 0 has no partitions and is over at once; stage 1 leaves a slot idle, for it has one task.
    history = Written(
        ended=1000, lives=[ALife(2, 0, 1000)], stages=[AStage(0, 100, 100), AStage(1, 100, 1000)], tasks=[ATask(0, 1, 100, 1000)]
    )

    assert parts(history) == {"ramp_up": 200, "too_few_tasks": 900, "useful_cpu": 900}


def test_a_stage_that_never_completed_and_whose_tasks_were_not_seen_waits_to_the_end() -> None:
    history = Written(
        ended=1000,
        lives=[ALife(2, 0, 1000)],
        stages=[AStage(0, 600, -1), AStage(1, 100, 1000)],
        tasks=[ATask(0, 1, 100, 1000)],
    )

    assert parts(history) == {"ramp_up": 200, "too_few_tasks": 500, "other_idle": 400, "useful_cpu": 900}


def test_idle_time_while_tasks_may_have_run_unseen_is_summed_apart() -> None:
    # A log cut at 1000: stage 1 began at 600 and never ended, so what its tasks held is not known.
    history = Written(
        ended=1000,
        lives=[ALife(2, 0, 1000), ALife(1, 700, 1000)],
        stages=[AStage(0, 0, 500), AStage(1, 600, -1)],
        tasks=[ATask(0, 0, 0, 500), ATask(0, 1, 600, 800)],
    ).history()

    assert waterfall(replace(history, ended=False)).idle_while_open == 1 * 200 + 2 * 200 + 1 * 300
    assert waterfall(history).idle_while_open == 0


def test_more_tasks_than_cores_are_clipped_and_the_clipped_time_is_told() -> None:
    history = Written(
        ended=100, lives=[ALife(1, 0, 100)], stages=[AStage(0, 0, 100)], tasks=[ATask(0, 0, 0, 60), ATask(0, 0, 50, 100, index=1)]
    )

    divided = waterfall(history.history())

    assert divided.clipped_over_cores == 10
    assert divided.parts["useful_cpu"] == 100


def test_a_late_finish_after_the_removal_of_its_executor_is_clipped() -> None:
    history = Written(ended=100, lives=[ALife(1, 10, 50)], stages=[AStage(0, 0, 100)], tasks=[ATask(0, 0, 0, 80)])

    divided = waterfall(history.history())

    assert divided.clipped_outside_life == 10 + 30
    assert divided.allocated_core_ms == 40


def test_a_task_is_divided_by_what_it_measured() -> None:
    task = ATask(0, 0, 0, 1000, run=900, cpu=400, gc=100, fetch=150, spilled=100, moved=300)

    assert parts(Written(ended=1000, lives=[ALife(1, 0, 1000)], stages=[AStage(0, 0, 1000)], tasks=[task])) == {
        "scheduling": 100,
        "useful_cpu": 400,
        "gc": 100,
        "fetch_wait": 150,
        "spill": 100,
        "io_wait": 150,
    }


def test_a_task_of_two_cores_holds_both() -> None:
    task = ATask(0, 0, 0, 100, run=100, cpu=100)

    assert parts(Written(ended=100, lives=[ALife(4, 0, 100)], stages=[AStage(0, 0, 100)], tasks=[task], task_cpus=2)) == {
        "useful_cpu": 200,
        "too_few_tasks": 200,
    }


def test_waits_are_not_claimed_where_spark_reports_no_cpu_time() -> None:
    task = ATask(0, 0, 0, 100, run=90, gc=10)
    divided = waterfall(Written(ended=100, lives=[ALife(1, 0, 100)], stages=[AStage(0, 0, 100)], tasks=[task]).history())

    assert not divided.cpu_reported
    assert (divided.parts["useful_cpu"], divided.parts["io_wait"]) == (80, 0)


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        ([ATask(0, 0, 0, 40, ending="failed"), ATask(0, 0, 40, 100, retry=True)], {"failed_or_rerun": 40, "useful_cpu": 60}),
        ([ATask(0, 0, 0, 40, ending="lost"), ATask(0, 0, 40, 100, retry=True)], {"failed_or_rerun": 40, "useful_cpu": 60}),
        ([ATask(0, 0, 0, 100, ending="killed"), ATask(1, 0, 60, 100, speculative=True)], {"speculative_losers": 100, "useful_cpu": 40}),
        ([ATask(0, 0, 0, 100), ATask(1, 0, 60, 100, ending="killed", speculative=True)], {"speculative_losers": 40, "useful_cpu": 100}),
        ([ATask(0, 0, 0, 50, partition=7), ATask(0, 1, 50, 100, partition=7)], {"failed_or_rerun": 50, "useful_cpu": 50}),
        ([ATask(0, 0, 0, 100, ending="killed")], {"failed_or_rerun": 100}),
    ],
    ids=["failed", "output lost", "copy won", "copy lost", "stage attempted again", "killed with its stage"],
)
def test_work_whose_result_was_not_used_is_lost(tasks: list[ATask], expected: dict[str, int]) -> None:
    stages = [AStage(0, 0, 50), AStage(0, 50, 100, attempt=1)]
    found = parts(Written(ended=100, lives=[ALife(1, 0, 100), ALife(1, 0, 100)], stages=stages, tasks=tasks))

    assert {name: core_ms for name, core_ms in found.items() if name in ("failed_or_rerun", "speculative_losers", "useful_cpu")} == expected


# Source: DataDog/dd-trace-java, AbstractSparkListenerTest: what executors made available, in core-ms.
@pytest.mark.parametrize(
    ("lives", "ended", "available"),
    [([ALife(4, 2000, 5000), ALife(5, 3000, 4000)], 5000, 17_000), ([ALife(4, 1100, 3100)], 3100, 8_000)],
)
def test_available_time_agrees_with_datadog(lives: list[ALife], ended: int, available: int) -> None:
    assert waterfall(Written(ended=ended, lives=lives).history()).allocated_core_ms == available


def test_core_usage_agrees_with_sparklint() -> None:
    """Sparklint's published example: so many ms with 0 to 4 cores in use, 67,500 of them idle after the first task.

    Its log is rebuilt from those figures alone: tasks nested in each other, on two executors of two cores.
    """
    usage_ms = {1: 3_873, 2: 13_938, 3: 20_500, 4: 102_500}
    busy_core_ms = sum(cores * ms for cores, ms in usage_ms.items())
    first, gap, last = 102_096, 67_500, 1_000
    spans, begun, left = [], first, sum(usage_ms.values()) - last
    for cores in (1, 2, 3, 4):
        spans.append((begun, begun + left))
        left -= usage_ms[cores] - (last if cores == 4 else 0)
    resumed = first + sum(usage_ms.values()) - last + gap
    ended = resumed + last
    tasks = [ATask(place // 2, 0, *span, index=place) for place, span in enumerate(spans)]
    tasks += [ATask(place // 2, 1, resumed, ended, index=place) for place in range(4)]
    stages = [AStage(0, first, resumed - gap), AStage(1, resumed, ended)]
    found = parts(Written(ended=ended, lives=[ALife(2, 0, ended)] * 2, stages=stages, tasks=tasks))

    assert found["useful_cpu"] == busy_core_ms
    assert found["ramp_up"] == 4 * first
    assert found["driver_only"] == 4 * gap
    assert first + gap == 169_596  # all idle time of the example
