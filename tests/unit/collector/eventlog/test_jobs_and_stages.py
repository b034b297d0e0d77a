"""Jobs, stage attempts, and SQL metrics at the ends of stages."""

from __future__ import annotations

from typing import Any

from collector.eventlog import DecodedBatch, Identity, decode
from tests.unit.collector.eventlog.encoding import line

IDENTITY = Identity("app-1")


def read(*lines: bytes) -> DecodedBatch:
    batch = decode(b"".join(lines), IDENTITY)
    assert not batch.bad_lines
    return batch


def test_job_knows_what_it_is_part_of() -> None:
    properties = {
        "spark.sql.execution.id": "12",
        "spark.sql.execution.root.id": "10",
        "spark.jobGroup.id": "g",
        "spark.job.description": "d" * 2500,
        "spark.scheduler.pool": "p",
        "spark.job.tags": "t1,t2",
        "sql.streaming.queryId": "q",
        "streaming.sql.batchId": "4",
    }
    batch = read(line("SparkListenerJobStart", Job_ID=3, Submission_Time=9, Stage_IDs=[1, 2], Properties=properties))
    (row,) = batch.tables["jobs"].to_pylist()
    del row["time"]
    assert row == {
        "app_id": "app-1",
        "attempt_id": "",
        "job_id": 3,
        "event": "start",
        "stage_ids": [1, 2],
        "sql_execution_id": 12,
        "sql_root_execution_id": 10,
        "job_group": "g",
        "description": "d" * 2000,
        "pool": "p",
        "tags": "t1,t2",
        "streaming_query_id": "q",
        "streaming_batch_id": 4,
        "result": "",
        "error": "",
    }


def test_old_job_names_its_stages_by_their_infos_or_ids() -> None:
    batch = read(
        line("SparkListenerJobStart", Job_ID=1, Stage_Infos=[{"Stage ID": 5}, {"Stage ID": 6}]),
        line("SparkListenerJobStart", Job_ID=2, Stage_IDs=[7], Properties=None),
    )
    assert batch.tables["jobs"]["stage_ids"].to_pylist() == [[5, 6], [7]]
    assert batch.tables["jobs"]["sql_execution_id"].to_pylist() == [-1, -1]


def test_job_without_a_completion_time_ends_in_1970() -> None:
    failed = {"Result": "JobFailed", "Exception": {"Message": "boom", "Stack Trace": []}}
    batch = read(line("SparkListenerJobEnd", Job_ID=1, Job_Result=failed), line("SparkListenerJobEnd", Job_ID=2, Completion_Time=-1))
    rows = batch.tables["jobs"].to_pylist()
    assert [(row["time"].timestamp(), row["result"], row["error"]) for row in rows] == [(0, "JobFailed", "boom"), (0, "", "")]
    assert not batch.adjusted


def stage(**changes: Any) -> dict[str, Any]:
    rdd = {
        "RDD ID": 4,
        "Name": "MapPartitionsRDD",
        "Scope": '{"id":"1","name":"Exchange"}',
        "Storage Level": {"Use Disk": False, "Use Memory": True},
        "Number of Cached Partitions": 8,
    }
    info = {"Stage ID": 2, "Stage Attempt ID": 1, "Stage Name": "count", "Number of Tasks": 9, "Parent IDs": [1], "RDD Info": [rdd]}
    return {**info, "Resource Profile Id": 3, "Submission Time": 10, **changes}


def test_completion_holds_all_that_submission_held() -> None:
    batch = read(
        line("SparkListenerStageSubmitted", Stage_Info=stage()),
        line("SparkListenerStageCompleted", Stage_Info=stage(**{"Completion Time": 20, "Failure Reason": "lost"})),
    )
    submitted, completed = batch.tables["stages"].to_pylist()
    assert (submitted["event_rank"], submitted["completion_time"], submitted["failure_reason"]) == (1, None, "")
    assert (completed["event_rank"], completed["completion_time"].timestamp(), completed["failure_reason"]) == (2, 0.02, "lost")
    assert (completed["rdd_ids"], completed["rdd_names"], completed["rdd_scopes"]) == ([4], ["MapPartitionsRDD"], ["Exchange"])
    assert (completed["rdd_cached"], completed["rdd_cached_partitions"], completed["parent_ids"]) == ([True], [8], [1])


def test_names_are_without_secrets_and_not_longer_than_other_texts() -> None:
    info = stage(**{"Stage Name": "count of token=hunter2", "RDD Info": [{"RDD ID": 1, "Name": "p" * 300_000}]})
    (row,) = read(line("SparkListenerStageSubmitted", Stage_Info=info)).tables["stages"].to_pylist()
    assert (row["name"], row["rdd_names"]) == ("count of token=*********(redacted)", ["p" * 2_000])


def test_unreadable_scope_is_no_scope() -> None:
    info = stage(**{"RDD Info": [{"RDD ID": 1, "Scope": "{"}, {"RDD ID": 2}]})
    assert read(line("SparkListenerStageSubmitted", Stage_Info=info)).tables["stages"]["rdd_scopes"].to_pylist() == [["", ""]]


def test_totals_of_sql_metrics_come_with_the_stage() -> None:
    accumulables = [
        {"ID": 1, "Value": "42", "Metadata": "sql"},
        {"ID": 2, "Value": 7, "Metadata": "sql"},
        {"ID": 3, "Value": "5", "Internal": True},
        {"ID": 4, "Value": "not a number", "Metadata": "sql"},
        {"ID": 5, "Value": 2**70, "Metadata": "sql"},
    ]
    batch = read(line("SparkListenerStageCompleted", Stage_Info=stage(Accumulables=accumulables)))
    rows = batch.tables["sql_metric_values"].to_pylist()
    assert [(r["accumulator_id"], r["value"]) for r in rows] == [(1, 42), (2, 7), (5, 2**63 - 1)]
    assert {(r["source"], r["stage_id"], r["stage_attempt_id"], r["execution_id"]) for r in rows} == {("stage", 2, 1, -1)}
    assert batch.adjusted == {"sql_metric_values.value": 2}


def test_spark_1_0_names_one_rdd_and_no_list() -> None:
    rdd = {"RDD ID": 4, "Name": "cached", "Storage Level": {"Use Disk": False, "Use Memory": True}, "Number of Cached Partitions": 3}
    info = {"Stage ID": 0, "Stage Name": "count", "Number of Tasks": 3, "RDD Info": rdd, "Submission Time": 1, "Completion Time": 2}
    (row,) = read(line("SparkListenerStageCompleted", Stage_Info=info)).tables["stages"].to_pylist()
    assert (row["rdd_ids"], row["rdd_names"], row["rdd_cached"], row["rdd_cached_partitions"]) == ([4], ["cached"], [True], [3])
