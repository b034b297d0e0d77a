"""Applications, environment, executors and resource profiles."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from collector.eventlog import Identity, decode
from tests.unit.collector.eventlog.encoding import line

IDENTITY = Identity("app-1")
MIB = 1024 * 1024


def rows(table: str, *lines: bytes) -> list[dict[str, Any]]:
    batch = decode(b"".join(lines), IDENTITY)
    assert not batch.bad_lines
    return [{k: v for k, v in row.items() if k not in ("app_id", "attempt_id")} for row in batch.tables[table].to_pylist()]


def at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, timezone.utc)


def test_application_is_three_rows() -> None:
    found = rows(
        "applications",
        line("SparkListenerLogStart", Spark_Version="3.5.1-amzn-0"),
        line("SparkListenerApplicationStart", App_ID="app-1", App_Name="n", User="u", Timestamp=1000),
        line("SparkListenerApplicationEnd", Timestamp=2000, ExitCode=137),
    )
    empty = {"name": "", "user": "", "spark_version": "", "exit_code": None}
    assert found == [
        {**empty, "event": "log_start", "time": at(0), "spark_version": "3.5.1-amzn-0"},
        {**empty, "event": "start", "time": at(1000), "name": "n", "user": "u"},
        {**empty, "event": "end", "time": at(2000), "exit_code": 137},
    ]


def test_the_name_of_an_application_is_without_secrets() -> None:
    (row,) = rows("applications", line("SparkListenerApplicationStart", App_ID="app-1", App_Name="etl --token=hunter2", Timestamp=1000))
    assert row["name"] == "etl --token=*********(redacted)"


def test_databricks_states_its_version_elsewhere() -> None:
    (row,) = rows("applications", line("DBCEventLoggingListenerMetadata", Rollover_Number=0, Spark_Version="3.3.1"))
    assert (row["event"], row["spark_version"]) == ("log_start", "3.3.1")


def test_environment_keeps_what_is_allowed() -> None:
    found = rows(
        "environment",
        line(
            "SparkListenerEnvironmentUpdate",
            JVM_Information={"Java Version": "17", "Scala Version": "2.13"},
            Spark_Properties={"spark.executor.cores": "4", "spark.executor.extraJavaOptions": "-Dx", "other": "1"},
            System_Properties={"user.home": "/root"},
            Classpath_Entries={"/x.jar": "System"},
        ),
    )
    assert [(row["section"], row["key"], row["value"]) for row in found] == [
        ("jvm", "Java Version", "17"),
        ("jvm", "Scala Version", "2.13"),
        ("spark", "spark.executor.cores", "4"),
    ]


def test_executor_comes_and_goes() -> None:
    found = rows(
        "executors",
        line(
            "SparkListenerExecutorAdded",
            Executor_ID="7",
            Timestamp=5,
            Executor_Info={"Host": "h", "Total Cores": 4, "Resource Profile Id": 2},
        ),
        line("SparkListenerExecutorRemoved", Executor_ID="7", Timestamp=9, Removed_Reason="Container killed"),
    )
    gone = {"host": "", "total_cores": 0, "resource_profile_id": 0, "removed_reason": "Container killed"}
    there = {"host": "h", "total_cores": 4, "resource_profile_id": 2, "removed_reason": ""}
    assert found == [
        {"executor_id": "7", "event": "added", "time": at(5), **there},
        {"executor_id": "7", "event": "removed", "time": at(9), **gone},
    ]


def test_resource_profile_is_in_bytes() -> None:
    requests = {"cores": {"Amount": 4}, "memory": {"Amount": 1024}, "memoryOverhead": {"Amount": 384}, "offHeap": {"Amount": 0}}
    (row,) = rows(
        "resource_profiles",
        line(
            "SparkListenerResourceProfileAdded",
            Resource_Profile_Id=1,
            Executor_Resource_Requests={**requests, "pyspark.memory": {"Amount": 10}},
            Task_Resource_Requests={"cpus": {"Amount": 0.5}},
        ),
    )
    assert row == {
        "resource_profile_id": 1,
        "executor_cores": 4,
        "executor_memory_bytes": 1024 * MIB,
        "executor_memory_overhead_bytes": 384 * MIB,
        "executor_off_heap_bytes": 0,
        "executor_pyspark_memory_bytes": 10 * MIB,
        "task_cpus": 0.5,
    }


def test_stage_peaks_are_kept_by_executor() -> None:
    (row,) = rows(
        "stage_executor_peaks",
        line(
            "SparkListenerStageExecutorMetrics",
            Executor_ID="1",
            Stage_ID=3,
            Stage_Attempt_ID=1,
            Executor_Metrics={"JVMHeapMemory": 9, "ConcurrentGCTime": 4, "DirectPoolMemory": -1},
        ),
    )
    assert (row["executor_id"], row["stage_id"], row["stage_attempt_id"]) == ("1", 3, 1)
    assert {key: value for key, value in row.items() if key.endswith(("_bytes", "_ms", "_count")) and value} == {
        "jvm_heap_memory_bytes": 9,
        "concurrent_gc_time_ms": 4,
    }
