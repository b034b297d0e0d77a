"""What rules advise fits the platform, the release and what is set already."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from analyzer.rules.base import Application, ExecutorLife, Finding
from analyzer.rules.registry import rule

MIB, GIB = 1 << 20, 1 << 30
HOUR_MS = 3_600_000


def application(conf: Mapping[str, str] | None = None, *, platform: str = "k8s", version: str = "3.5.3", **other: Any) -> Application:
    """An hour on ten executors of eight cores and 16 GiB of heap, half of it busy."""
    lives = tuple(ExecutorLife(str(n), 8, 0, HOUR_MS) for n in range(10))
    bare = Application(
        "a",
        "",
        "job",
        version,
        HOUR_MS,
        True,
        80 * HOUR_MS,
        40 * HOUR_MS,
        dict(conf or {}),
        platform=platform,
        executors_peak=10,
        cores_per_executor=8,
        heap_bytes_per_executor=16 * GIB,
        memory_bytes_per_executor=18 * GIB,
        executors=lives,
    )
    return replace(bare, **other)


def stage(**columns: Any) -> dict[str, Any]:
    """A row of `stage_attempts.sql`: 200 tasks of ten minutes."""
    row = {
        "stage_id": 1,
        "stage_attempt_id": 0,
        "stage_name": "query",
        "failure_reason": "",
        "tasks": 200,
        "task_ends": 200,
        "first_launch_ms": 0,
        "last_finish_ms": HOUR_MS,
        "duration_ms": 200 * 600_000,
        "run_ms": 200 * 600_000,
        "cpu_ms": 200 * 500_000,
        "gc_ms": 0,
        "fetch_wait_ms": 0,
        "input_bytes": 0,
        "output_bytes": 0,
        "shuffle_read_bytes": 200 * GIB,
        "shuffle_write_bytes": 0,
        "disk_spilled_bytes": 0,
        "p50_ms": 600_000,
        "longest_ms": 600_000,
        "p50_input_bytes": 0,
        "p50_shuffle_bytes": GIB,
        "p50_disk_spilled_bytes": 0,
        "sql_execution_id": 0,
        "scans": 0,
        "cached": 0,
    }
    return {**row, **columns}


def findings(code: str, a: Application, rows: Sequence[Mapping[str, Any]]) -> list[Finding]:
    found = rule(code)
    return list(found.evaluate(a, rows, found.thresholds()))


def advice(code: str, a: Application, rows: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    (finding,) = findings(code, a, rows)
    return dict(finding.change.conf)


LOST_RACES = {
    "speculative_ms": 20 * HOUR_MS,
    "speculative_tasks": 900,
    "lost_ms": 20 * HOUR_MS,
    "tasks": 900,
    "stage_name": "s",
    "end_reason": "TaskKilled",
}


@pytest.mark.parametrize(
    ("version", "conf", "advised"),
    [
        ("3.1.2", {}, {"quantile": "0.9", "multiplier": "3"}),
        ("3.5.3", {}, {"quantile": "0.9", "multiplier": "3", "minTaskRuntime": "60s"}),
        # The defaults of Spark 4 are what older releases are advised to set.
        ("4.0.1", {}, {"minTaskRuntime": "60s"}),
        ("3.5.3", {"quantile": "0.95", "multiplier": "2"}, {"multiplier": "3", "minTaskRuntime": "60s"}),
        ("4.0.1", {"quantile": "0.95", "multiplier": "5", "minTaskRuntime": "5m"}, {}),
    ],
)
def test_speculation_is_advised_no_earlier_copies_than_are_made(version: str, conf: dict[str, str], advised: dict[str, str]) -> None:
    in_force = {f"spark.speculation.{key}": value for key, value in conf.items()}

    assert advice("SPE001", application(in_force, version=version), [LOST_RACES]) == {
        f"spark.speculation.{key}": value for key, value in advised.items()
    }


def plan_row(node_id: int, parent_id: int, name: str, metrics: Mapping[str, int] | None = None, text: str = "") -> dict[str, Any]:
    values = metrics or {}
    return {
        "execution_id": 0,
        "node_id": node_id,
        "parent_id": parent_id,
        "name": name,
        "simple_string": text or name,
        "metric_names": list(values),
        "metric_values": list(values.values()),
        "execution_task_ms": 20 * HOUR_MS,
        "python_run_ms": 10 * HOUR_MS,
        "python_wait_ms": 9 * HOUR_MS,
    }


SMALL_JOIN = [
    plan_row(0, -1, "SortMergeJoin", text="SortMergeJoin [a#1], [b#2], Inner"),
    plan_row(1, 0, "Exchange", {"data size": 640 * GIB}),
    plan_row(2, 0, "Exchange", {"data size": 31 * MIB}),
]


@pytest.mark.parametrize(("in_force", "advised"), [("10485760", str(64 * MIB)), ("1g", None), ("-1", str(64 * MIB))])
def test_a_threshold_of_broadcasts_is_never_lowered(in_force: str, advised: str | None) -> None:
    conf = advice("SQL003", application({"spark.sql.autoBroadcastJoinThreshold": in_force}), SMALL_JOIN)

    assert conf.get("spark.sql.autoBroadcastJoinThreshold") == advised


INITIAL, SHUFFLE = "spark.sql.adaptive.coalescePartitions.initialPartitionNum", "spark.sql.shuffle.partitions"


@pytest.mark.parametrize(("merging", "key"), [("true", INITIAL), ("false", SHUFFLE)])
def test_the_number_of_partitions_is_set_where_spark_looks_for_it(merging: str, key: str) -> None:
    a = application({"spark.sql.adaptive.coalescePartitions.enabled": merging})
    spilled = {
        "disk_bytes": 50 * GIB,
        "memory_bytes": 50 * GIB,
        "read_bytes": 200 * GIB,
        "largest_spill_bytes": GIB,
        "task_ms": 20 * HOUR_MS,
    }

    assert list(advice("PAR002", a, [stage()])) == [key]
    assert list(advice("MEM001", a, [stage(spilling_tasks=200, **spilled)])) == [key]


def test_too_few_tasks_are_told_where_adaptive_execution_merges_nothing() -> None:
    few = stage(tasks=20, task_ends=20, duration_ms=20 * 600_000, last_finish_ms=600_000, p50_shuffle_bytes=50 * MIB)
    merging = application({"spark.sql.adaptive.coalescePartitions.enabled": "false", SHUFFLE: "20"})

    assert findings("PAR001", application(), [few]) == []
    assert advice("PAR001", merging, [few]) == {SHUFFLE: "160"}


TINY = {**stage(), "tasks": 90_000, "p50_ms": 60, "p95_ms": 100, "duration_ms": 9 * HOUR_MS, "run_ms": HOUR_MS, "merges": 1}


@pytest.mark.parametrize(
    ("version", "platform", "adapts"),
    [("3.5.3", "k8s", False), ("4.0.1", "k8s", False), ("4.1.0", "k8s", True), ("3.5.3", "databricks", True)],
)
def test_adaptive_execution_is_neither_assumed_nor_advised_for_streams_that_have_none(version: str, platform: str, adapts: bool) -> None:
    stream = application(version=version, platform=platform, streaming=True)
    off = replace(stream, conf={"spark.sql.adaptive.enabled": "false"})

    assert stream.adaptive is adapts
    assert not off.adaptive
    assert bool(advice("TSK001", off, [TINY])) is adapts
    assert list(advice("PAR002", stream, [stage()])) == [INITIAL if adapts else SHUFFLE]


def test_merging_is_switched_on_where_it_alone_is_off() -> None:
    key = "spark.sql.adaptive.coalescePartitions.enabled"

    assert advice("TSK001", application({key: "false"}), [TINY]) == {key: "true"}
    assert advice("TSK001", application({"spark.sql.adaptive.enabled": "false"}), [TINY]) == {"spark.sql.adaptive.enabled": "true"}


def test_larger_executors_are_asked_for_in_a_smaller_number() -> None:
    asked = {"spark.executor.instances": "41", "spark.dynamicAllocation.maxExecutors": "200"}
    single = application(asked, cores_per_executor=1, executors_peak=41, heap_bytes_per_executor=4 * GIB)

    assert advice("PRV003", single, [stage()]) == {
        "spark.executor.cores": "4",
        "spark.executor.memory": "16384m",
        "spark.executor.instances": "11",
        "spark.dynamicAllocation.maxExecutors": "50",
    }


def test_half_executors_are_asked_for_in_twice_the_number() -> None:
    large = application({"spark.executor.instances": "10"}, cores_per_executor=16)

    assert advice("PRV003", large, [stage(gc_ms=200 * 100_000)]) == {
        "spark.executor.cores": "8",
        "spark.executor.memory": "8192m",
        "spark.executor.instances": "20",
    }


def test_collection_beside_the_tasks_is_no_pause() -> None:
    spilling = stage(disk_spilled_bytes=100 * GIB, p50_disk_spilled_bytes=GIB, gc_ms=200 * 700_000)

    assert findings("MEM003", application(), [spilling]) == []
    assert findings("PRV003", application(cores_per_executor=16), [spilling]) == []
    assert len(findings("MEM003", application(), [{**spilling, "gc_ms": 200 * 200_000}])) == 1


def waiting(*scopes: str) -> dict[str, Any]:
    """A row of `scan_tasks_wait.sql` that waits for five sixths of its time."""
    return {
        "stage_id": 1,
        "stage_attempt_id": 0,
        "stage_name": "read",
        "tasks": 200,
        "run_ms": 20 * HOUR_MS,
        "cpu_ms": 3 * HOUR_MS,
        "gc_ms": 0,
        "write_ms": 0,
        "input_bytes": GIB,
        "sql_execution_id": 0,
        "rdd_names": [],
        "rdd_scopes": list(scopes),
        "locations": ["InMemoryFileIndex(1 paths)[s3a://lake/orders]"],
        "scans": [],
    }


@pytest.mark.parametrize(
    ("scope", "conf", "advised"),
    [
        ("Scan parquet lake.orders", {}, {"experimental.input.fadvise": "random", "connection.maximum": "500"}),
        ("Scan csv ", {}, {"connection.maximum": "500"}),
        ("Scan parquet ", {"experimental.input.fadvise": "random"}, {"connection.maximum": "500"}),
        ("Scan parquet ", {"experimental.input.fadvise": "random", "connection.maximum": "1000"}, {}),
    ],
)
def test_reading_is_advised_what_is_not_set_and_fits_the_format(scope: str, conf: dict[str, str], advised: dict[str, str]) -> None:
    set_already = {f"spark.hadoop.fs.s3a.{key}": value for key, value in conf.items()}

    assert advice("S3R004", application(set_already), [waiting(scope)]) == {f"spark.hadoop.fs.s3a.{k}": v for k, v in advised.items()}


@pytest.mark.parametrize(
    ("scopes", "conf"),
    [
        (("GpuScan parquet ", "GpuFilter"), {}),
        (("PhotonScan parquet ", "PhotonResultStage"), {}),
        (("FileSourceScanExecTransformer parquet ", "FilterExecTransformer"), {}),
        (("CometScan parquet ", "CometFilter"), {}),
        (("Scan parquet ",), {"spark.plugins": "com.nvidia.spark.SQLPlugin"}),
        (("Scan parquet ",), {"spark.plugins": "org.apache.spark.CometPlugin"}),
        # Eight slots on the one processor that the pod is sure of.
        (("Scan parquet ",), {"spark.kubernetes.executor.request.cores": "1"}),
        (("Scan parquet ",), {"spark.kubernetes.executor.request.cores": "7500m", "spark.kubernetes.executor.limit.cores": "16"}),
    ],
)
def test_no_wait_is_claimed_where_cpu_time_does_not_tell_it(scopes: tuple[str, ...], conf: dict[str, str]) -> None:
    assert findings("S3R004", application(conf), [waiting(*scopes)]) == []


def test_pods_that_ask_for_a_processor_a_slot_may_be_judged() -> None:
    assert len(findings("S3R004", application({"spark.kubernetes.executor.request.cores": "8"}), [waiting("Scan parquet ")])) == 1


PYTHON_PLAN = [plan_row(0, -1, "BatchEvalPython", {"number of output rows": 10}, "BatchEvalPython [f(a#1)], [pythonUDF0#2]")]


def test_python_rows_are_not_told_by_waits_of_another_engine() -> None:
    assert len(findings("PYT001", application(), PYTHON_PLAN)) == 1
    assert findings("PYT001", application({"spark.plugins": "org.apache.gluten.GlutenPlugin"}), PYTHON_PLAN) == []


LONG_TASKS = {
    "stage_name": "train",
    "tasks": 40,
    "task_ms": 40 * HOUR_MS,
    "all_task_ms": 40 * HOUR_MS,
    "long_tasks": 40,
    "long_ms": 40 * HOUR_MS,
    "lost_ms": 38 * HOUR_MS,
    "rework_s2": 1e6,
    "longest_ms": HOUR_MS,
    "hosts": 10,
}


@pytest.mark.parametrize(("platform", "spot"), [("emr(yarn)", True), ("databricks", True), ("emr(serverless)", False), ("glue", False)])
def test_spot_is_not_spoken_of_where_none_is_sold(platform: str, spot: bool) -> None:
    assert bool(findings("SPT001", application(platform=platform), [LONG_TASKS])) is spot


def test_the_heap_of_a_driver_is_not_guessed_where_the_platform_sets_it() -> None:
    full = [{"executor_id": "driver", "heap_bytes": GIB, "python_bytes": 0, "jvm_bytes": 0}]

    assert findings("DRV002", application(platform="databricks"), full) == []
    assert advice("DRV002", application({"spark.driver.memory": "1g"}, platform="databricks"), full) == {}
    assert advice("DRV002", application(), full) == {"spark.driver.memory": "1536m"}


def test_python_is_not_held_against_an_overhead_that_no_container_has() -> None:
    workers = [{"executor_id": "1", "heap_bytes": 0, "python_bytes": 3 * GIB, "jvm_bytes": 0}]

    assert len(findings("MEM004", application(), workers)) == 1
    for platform in ("standalone", "standalone?", "databricks"):
        assert findings("MEM004", application(platform=platform), workers) == []


def test_a_share_of_nothing_is_not_told() -> None:
    generated = stage(
        spilling_tasks=200, disk_bytes=50 * GIB, memory_bytes=50 * GIB, read_bytes=0, largest_spill_bytes=GIB, task_ms=20 * HOUR_MS
    )
    (finding,) = findings("MEM001", application(), [generated])

    assert "%" not in finding.title


WRITE = [
    plan_row(
        0,
        -1,
        "Execute InsertIntoHadoopFsRelationCommand",
        {"job commit time": 600_000},
        "Execute InsertIntoHadoopFsRelationCommand s3a://lake/orders, false",
    )
]
LISTED = {
    "execution_id": 0,
    "location": "InMemoryFileIndex(1 paths)[s3a://lake/orders]",
    "metadata_ms": 600_000,
    "files": 10,
    "partitions": 10,
    "partition_filters": "[]",
}


@pytest.mark.parametrize(("code", "row"), [("S3R005", WRITE[0]), ("S3R007", LISTED)])
def test_the_driver_is_blamed_for_no_more_than_it_left_idle(code: str, row: dict[str, Any]) -> None:
    a_minute = replace(application(), alone=((0.0, 60_000.0),))
    (short,) = findings(code, a_minute, [row])

    assert short.saving is not None
    assert short.saving.high_core_s <= 60 * 80
    assert findings(code, application(), [row]) == []
    (long,) = findings(code, replace(application(), alone=((0.0, HOUR_MS / 2),)), [row])
    assert long.saving is not None
    assert long.saving.high_core_s > 500 * 80


GPU = {"spark.plugins": "com.nvidia.spark.SQLPlugin", "spark.task.resource.gpu.amount": "1", "spark.executor.resource.gpu.amount": "1"}


def test_cores_that_no_task_can_have_do_not_stand_idle_in_a_stall() -> None:
    # One task at a time on an executor of eight cores: each has all of them.
    full = [stage(stage_attempt_id=1, tasks=10, task_ends=10, duration_ms=10 * HOUR_MS)]

    assert findings("SPT003", application(GPU), full) == []
    assert len(findings("SPT003", application(), full)) == 1


@pytest.mark.parametrize(
    ("tasks", "read_bytes", "told"),
    [
        # A limit, a count, a read in full, and one in full that was coalesced.
        (5, 2 * MIB, False),
        (1_000, 20 * MIB, True),
        (1_000, 9 * GIB, True),
        (5, 9 * GIB, True),
    ],
)
def test_small_files_that_were_only_listed_are_not_told(tasks: int, read_bytes: int, told: bool) -> None:
    scan = {
        **LISTED,
        "files": 25_000,
        "size_bytes": 9 * GIB,
        "format": "Parquet",
        "table_name": "",
        "scan_tasks": tasks,
        "scan_input_bytes": read_bytes,
        "scan_run_ms": 60_000,
        "scan_wait_ms": 50_000,
    }

    assert bool(findings("S3R001", application(), [scan])) is told


def removal(reason: str) -> dict[str, Any]:
    """A row of `executor_removals.sql`."""
    return {
        "executor_id": "1",
        "host": "h",
        "removed_reason": reason,
        "lost_ms": HOUR_MS,
        "resubmitted_ms": HOUR_MS,
        "lost_tasks": 8,
        "resubmitted_tasks": 8,
        "error": "",
    }


@pytest.mark.parametrize(
    ("reason", "cores", "advised"),
    [
        ("The executor with id 8 exited with exit code 52(OOM).", 8, {"spark.executor.cores": "4"}),
        ("Command exited with code 52", 1, {"spark.executor.memory": "24576m"}),
        ("java.lang.OutOfMemoryError: Java heap space", 1, {"spark.executor.memory": "24576m"}),
        ("Container killed by YARN for exceeding physical memory limits. 9 GB of 9 GB used", 1, {"spark.executor.memoryOverhead": "4096m"}),
        ("exited with exit code 137(SIGKILL, possible container OOM).", 1, {"spark.executor.memoryOverhead": "4096m"}),
    ],
)
def test_a_heap_that_is_full_is_not_helped_by_overhead(reason: str, cores: int, advised: dict[str, str]) -> None:
    assert advice("EXE001", application(cores_per_executor=cores), [removal(reason)] * 3) == advised


def test_what_is_on_already_is_not_advised() -> None:
    arrow = "spark.sql.execution.pythonUDF.arrow.enabled"

    assert advice("PYT001", application(), PYTHON_PLAN) == {arrow: "true"}
    assert advice("PYT001", application({arrow: "true"}), PYTHON_PLAN) == {}


def slow_host() -> dict[str, Any]:
    """A row of `skewed_task_durations.sql`: eight of eighty tasks take ten times as long, all on one host."""
    slow, count = range(8), 80
    return {
        "stage_id": 1,
        "stage_attempt_id": 0,
        "stage_name": "s",
        "sql_execution_id": 0,
        "window_ms": 600_000,
        "cores_alive_ms": 600_000 * 80,
        "busy_ms": 8 * 600_000 + 72 * 60_000,
        "launches_ms": [0] * count,
        "task_ids": list(range(count)),
        "durations_ms": [600_000 if n in slow else 60_000 for n in range(count)],
        **{name: [0] * count for name in ("gc_ms", "fetch_wait_ms", "spilled_bytes", "first_on_slot")},
        **{name: [MIB] * count for name in ("input_bytes", "shuffle_bytes", "records")},
        "hosts": ["slow" if n in slow else f"h{n % 9}" for n in range(count)],
    }


def test_speculation_is_not_advised_where_it_is_on() -> None:
    assert advice("SKW001", application(), [slow_host()]) == {"spark.speculation": "true"}
    assert advice("SKW001", application({"spark.speculation": "true"}), [slow_host()]) == {}
