"""Scenarios that other tools publish with their expected numbers, as yardsticks of ours."""

from __future__ import annotations

import pytest

from analyzer.cost.book import load_price_book
from analyzer.cost.nodes import Purchase, node_price
from analyzer.rules.base import Application, ExecutorLife
from analyzer.rules.parallelism.split_size import MAX_PARTITION_BYTES, MIB, OPEN_COST_BYTES, parallelism_for, split_bytes
from analyzer.rules.skew.tail import find_tail
from analyzer.timeline.allocation import Allocation
from analyzer.timeline.history import Job
from analyzer.timeline.plan import Plan, PlannedJob, PlannedStage
from analyzer.timeline.replay import replay
from analyzer.timeline.waterfall import waterfall
from tests.unit.analyzer.timeline.histories import ALife, AStage, ATask, Written

BOOK = load_price_book()

# Source: DataDog/dd-trace-java, AbstractSparkListenerTest, read 2026-11: four cores from 1100 to 3100, three stages from 1900 on, the
# second and third side by side.
DATADOG = Written(
    ended=3100,
    lives=[ALife(4, 1100, 3100)],
    stages=[AStage(1, 1900, 2100), AStage(2, 2100, 2600), AStage(3, 2100, 3100)],
    jobs=[Job(1, 1900, 3100, [1, 2, 3])],
    tasks=[
        ATask(0, 0, 1900, 2100, run=100),
        ATask(0, 1, 2100, 2600, run=400),
        ATask(0, 1, 2100, 2600, index=1, run=500),
        ATask(0, 2, 2100, 2600, run=500),
        ATask(0, 2, 2100, 2600, index=1, run=500),
        ATask(0, 2, 2600, 3000, index=2, run=400),
        ATask(0, 2, 2600, 3100, index=3, run=500),
    ],
)


def test_available_time_of_a_job_agrees_with_datadog() -> None:
    divided = waterfall(DATADOG.history())

    assert divided.allocated_core_ms == 8_000
    assert divided.allocated_core_ms - divided.parts["ramp_up"] == 4_800


def test_available_time_of_stages_agrees_with_datadog() -> None:
    life = ExecutorLife("1", 4, 1100, 3100)
    application = Application("a", "", "n", "3.5.3", 2100, True, 8000, 3100, {}, executors=(life,))
    first, both, third = (application.cores_alive_ms(*span) for span in ((1900, 2100), (2100, 2600), (2600, 3100)))

    assert [first, both / 2, both / 2 + third] == [800, 1_000, 3_000]


def test_run_time_of_stages_agrees_with_datadog() -> None:
    divided = waterfall(DATADOG.history())

    assert divided.parts["useful_cpu"] == 2_900  # its executor_run_time
    assert divided.parts["scheduling"] == 100 + 100  # deserialisation of one task, serialisation of another's result
    assert divided.by_stage.sum(axis=1).tolist() == [100 + 100, 900 + 100, 1_900]


@pytest.mark.parametrize(("run_times", "skew_ms"), [(range(1, 15_001), 7_500), ([*[0] * 100, *range(1, 301)], 200)])
def test_skew_agrees_with_datadog(run_times: list[int], skew_ms: int) -> None:
    tail = find_tail(list(run_times), ratio=4.0)

    assert tail.longest_ms - tail.median_ms == pytest.approx(skew_ms, abs=1)


# Source: qubole/sparklens, PQParallelStageSchedulerSuite, read 2026-11: stages of one task of one unit of time.
def stages_of_a_job(parents: list[tuple[int, ...]], unit_ms: int = 1000) -> Plan:
    stages = [PlannedStage(0, 0, number, before, 0, 0, [unit_ms]) for number, before in enumerate(parents)]
    return Plan([PlannedJob(0, 0, 0)], stages, end_gap_ms=0, task_cpus=1, inferred_parents=0)


@pytest.mark.parametrize("cores", [1, 2])
def test_stages_in_a_row_agree_with_sparklens(cores: int) -> None:
    chain = stages_of_a_job([(), *((number,) for number in range(10))])

    assert replay(chain, Allocation(cores, [0], [None])).wall_ms == 11_000


@pytest.mark.parametrize(("cores", "units"), [(1, 11), (2, 6), (3, 5), (4, 4), (5, 3), (9, 3), (10, 2), (11, 2), (100, 2)])
def test_stages_side_by_side_agree_with_sparklens(cores: int, units: int) -> None:
    fan = stages_of_a_job([*[()] * 10, tuple(range(10))])

    assert replay(fan, Allocation(cores, [0], [None])).wall_ms == units * 1000


# Source: aws-samples/aws-emr-advisor, AwsCostsTest, read 2026-11.
def test_nodes_fees_and_volumes_agree_with_the_emr_advisor() -> None:
    on_demand, spot = (node_price(BOOK, "m5.xlarge", Purchase(*bought), "none") for bought in ((0.0,), (1.0, 0.2)))

    assert 10 * 2 * on_demand.ec2_h_usd == pytest.approx(3.84)
    assert 10 * 2 * spot.ec2_h_usd == pytest.approx(3.072)
    assert 5 * 2 * on_demand.fee_h_usd == pytest.approx(0.48)
    assert 2000 * 12 * BOOK.volumes.gp2_gib_h_usd == pytest.approx(3.334, abs=0.001)


# Source: AWS, EMR best practices guide, read 2026-11: 3,500 files of 116 MB and 15,837 vCPU.
def test_splits_agree_with_the_best_practices_guide() -> None:
    size_bytes, files = 3_500 * 116 * MIB, 3_500

    assert split_bytes(size_bytes, files, 15_837, MAX_PARTITION_BYTES, OPEN_COST_BYTES) / MIB == pytest.approx(26.5, abs=0.05)


def test_the_parallelism_that_is_advised_makes_splits_of_the_size_that_was_asked_for() -> None:
    size_bytes, files = 3_500 * 116 * MIB, 3_500
    advised = parallelism_for(size_bytes, files, MAX_PARTITION_BYTES, OPEN_COST_BYTES)

    assert split_bytes(size_bytes, files, advised, MAX_PARTITION_BYTES, OPEN_COST_BYTES) == MAX_PARTITION_BYTES
    assert split_bytes(size_bytes, files, advised + 1, MAX_PARTITION_BYTES, OPEN_COST_BYTES) < MAX_PARTITION_BYTES
