"""One run seen twice: streamed by the listener, and written by Spark's own event log. The rows must be equal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark
import pytest

from collector.storage import open_store
from sparkledger.demo.server_process import running_server
from sparkledger.demo.spark_submit import printed_flags

JOB = Path(__file__).parent / "jobs" / "everything.py"
SPARK_HOME = Path(pyspark.__file__).parent
RAW_TABLES = (
    "applications",
    "environment",
    "resource_profiles",
    "executors",
    "jobs",
    "stages",
    "tasks",
    "stage_executor_peaks",
    "sql_executions",
    "sql_plan_nodes",
    "sql_metrics",
    "sql_metric_values",
)
ADDED, END = 1, 2  # of the enumerations of executors and jobs
pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Run:
    """One application: what Spark's REST API said of it, and its rows by table, streamed and imported."""

    app_id: str
    rest: dict[str, Any]
    live: dict[str, list[dict[str, Any]]]
    imported: dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    base = tmp_path_factory.mktemp("run")
    logs = base / "logs"
    logs.mkdir()
    with running_server(base / "live", 0, {}) as url:
        _submit(url, base, logs)
    rest = json.loads((base / "rest.json").read_text())
    command = [sys.executable, "-m", "sparkledger", "--data", str(base / "imported"), "import", str(logs), "--json"]
    imported = [json.loads(line) for line in subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()]
    assert [log["app_id"] for log in imported] == [rest["app_id"]]
    return Run(rest["app_id"], rest, _raw_rows(base / "live", rest["app_id"]), _raw_rows(base / "imported", rest["app_id"]))


def _raw_rows(data: Path, app_id: str) -> dict[str, list[dict[str, Any]]]:
    sql = "SELECT * EXCEPT (received_at) FROM {table:Identifier} FINAL WHERE app_id = {app_id:String} ORDER BY ALL"
    with open_store(str(data)) as store:
        return {table: store.rows(sql, {"table": table, "app_id": app_id}) for table in RAW_TABLES}


def _submit(url: str, base: Path, logs: Path) -> None:
    own_log = {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": logs.as_uri(),
        "spark.eventLog.logStageExecutorMetrics": "true",
        "spark.executor.heartbeatInterval": "500ms",
        "spark.task.maxFailures": "3",
        "spark.sql.adaptive.coalescePartitions.initialPartitionNum": "8",
    }
    command = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", "local-cluster[2,1,1024]", *printed_flags(url)]
    for key, value in own_log.items():
        command += ["--conf", f"{key}={value}"]
    environment = os.environ | {"SPARK_HOME": str(SPARK_HOME), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    done = subprocess.run([*command, str(JOB), str(base)], env=environment, capture_output=True, text=True, timeout=1500, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert "failed as expected" in done.stdout


@pytest.mark.parametrize("table", RAW_TABLES)
def test_live_rows_equal_imported_rows(run: Run, table: str) -> None:
    live, imported = run.live[table], run.imported[table]
    assert live, f"the run made no row of {table}: nothing was compared"
    assert len(live) == len(imported)
    for live_row, imported_row in zip(live, imported, strict=True):
        assert live_row == imported_row


SUMS = {
    "executorRunTime": ("executor_run_time_ms",),
    "executorCpuTime": ("executor_cpu_time_ns",),
    "executorDeserializeTime": ("executor_deserialize_time_ms",),
    "resultSize": ("result_size_bytes",),
    "jvmGcTime": ("jvm_gc_time_ms",),
    "memoryBytesSpilled": ("memory_bytes_spilled",),
    "diskBytesSpilled": ("disk_bytes_spilled",),
    "inputBytes": ("input_bytes_read",),
    "inputRecords": ("input_records_read",),
    "outputBytes": ("output_bytes_written",),
    "outputRecords": ("output_records_written",),
    "shuffleReadBytes": ("shuffle_remote_bytes_read", "shuffle_local_bytes_read"),
    "shuffleReadRecords": ("shuffle_records_read",),
    "shuffleFetchWaitTime": ("shuffle_fetch_wait_time_ms",),
    "shuffleWriteBytes": ("shuffle_bytes_written",),
    "shuffleWriteRecords": ("shuffle_records_written",),
    "shuffleWriteTime": ("shuffle_write_time_ns",),
}


def test_totals_of_every_stage_equal_what_spark_says(run: Run) -> None:
    theirs = {(stage["stageId"], stage["attemptId"]): stage for stage in run.rest["stages"] if stage["status"] in ("COMPLETE", "FAILED")}
    ours: dict[tuple[int, int], list[dict[str, Any]]] = {}
    for task in run.live["tasks"]:
        ours.setdefault((task["stage_id"], task["stage_attempt_id"]), []).append(task)
    assert ours.keys() == theirs.keys()
    for key, tasks in ours.items():
        stage = theirs[key]
        totals = {name: sum(task[column] for task in tasks for column in columns) for name, columns in SUMS.items()}
        assert totals == {name: stage[name] for name in totals}, f"stage {key}"
        assert sum(task["status"] == "succeeded" for task in tasks) == stage["numCompleteTasks"]
        assert sum(task["status"] == "failed" for task in tasks) == stage["numFailedTasks"]


def test_jobs_equal_what_spark_says(run: Run) -> None:
    ours = {job["job_id"]: job["result"] == "JobSucceeded" for job in run.live["jobs"] if job["event"] == END}
    assert ours == {job["jobId"]: job["status"] == "SUCCEEDED" for job in run.rest["jobs"]}


def test_executors_equal_what_spark_says(run: Run) -> None:
    ours = {executor["executor_id"]: executor["total_cores"] for executor in run.live["executors"] if executor["event"] == ADDED}
    assert ours == {executor["id"]: executor["totalCores"] for executor in run.rest["executors"] if executor["id"] != "driver"}


def test_no_secret_of_an_error_or_property_is_kept(run: Run) -> None:
    assert not [row for row in run.live["environment"] if "token" in row["key"].lower() and row["value"] and "redacted" not in row["value"]]
