"""What taking a task end costs the heap of a driver, which metrics of executors are read, and what a full buffer takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.jvm.java_probe import Probe
from tests.jvm.spark_runs import SPARK_HOME

POLLED = {
    "JVMHeapMemory": 7 << 20,
    "OnHeapExecutionMemory": 3 << 20,
    "ProcessTreeJVMRSSMemory": 5 << 30,
    "TotalGCTime": 41,
    "ConcurrentGCTime": 43,
}


def task_end(task_id: int, polled: dict[str, int]) -> dict[str, Any]:
    """A task end as Spark logs it."""
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": 300,
        "Stage Attempt ID": 0,
        "Task Type": "ShuffleMapTask",
        "Task End Reason": {"Reason": "Success"},
        "Task Info": {
            "Task ID": 100_000 + task_id,
            "Index": task_id,
            "Attempt": 0,
            "Partition ID": task_id,
            "Launch Time": 1_790_000_000_000 + task_id,
            "Executor ID": str(task_id % 3),
            "Host": f"ip-10-0-0-{task_id % 3}",
            "Locality": "NODE_LOCAL",
            "Speculative": False,
            "Getting Result Time": 0,
            "Finish Time": 1_790_000_009_000 + task_id,
            "Failed": False,
            "Killed": False,
            "Accumulables": [],
        },
        "Task Executor Metrics": polled,
        "Task Metrics": {
            "Executor Deserialize Time": 2,
            "Executor Deserialize CPU Time": 1_000_000,
            "Executor Run Time": 8_000 + task_id,
            "Executor CPU Time": 7_000_000_000,
            "Result Size": 2_000,
            "JVM GC Time": 3,
            "Result Serialization Time": 0,
            "Memory Bytes Spilled": 0,
            "Disk Bytes Spilled": 0,
        },
    }


@pytest.fixture(scope="module")
def taken(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("hot-path")
    events = [task_end(task, POLLED if task % 2 else {}) for task in range(40)]
    log = folder / "log"
    log.write_text("".join(json.dumps(event) + "\n" for event in events))
    return Probe("TakeTaskEnds", jar, folder, SPARK_HOME / "jars")(log)


def test_a_steady_stream_of_task_ends_allocates_nothing(taken: dict[str, Any]) -> None:
    assert taken["Task ends"] == 40
    assert taken["Allocated bytes"] == 0


def test_metrics_of_executors_are_those_that_spark_names(taken: dict[str, Any]) -> None:
    assert taken["Task 0"] == {}
    assert {name: value for name, value in taken["Task 1"].items() if value} == POLLED


def test_the_end_of_an_application_is_taken_where_nothing_else_fits(taken: dict[str, Any]) -> None:
    assert 0 < taken["Dropped"] < 100
    assert taken["Ends taken"] == 1
