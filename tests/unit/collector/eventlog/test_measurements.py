"""What the plugin measures becomes rows that repeat harmlessly."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from collector.eventlog import Identity, decode
from collector.eventlog.measurements import SAMPLE_FIELDS
from tests.unit.collector.eventlog.encoding import line

IDENTITY = Identity("app-1")
TIME = datetime(1970, 1, 1, 0, 0, 1, tzinfo=timezone.utc)


def rows(table: str, *lines: bytes) -> list[dict[str, Any]]:
    batch = decode(b"".join(lines), IDENTITY)
    assert (batch.bad_lines, batch.unknown_events, batch.adjusted) == ([], {}, {})
    return [{k: v for k, v in row.items() if k not in ("app_id", "attempt_id")} for row in batch.tables[table].to_pylist()]


def test_file_systems_are_one_row_a_counter() -> None:
    counters = {"action_http_get_request": 12, "action_http_get_request.time_ms": 340}
    sent = line("SparkledgerStorageIO", Executor_ID="1", Timestamp=1000, Scheme="s3a", Bucket="lake", Counters=counters)
    common = {"executor_id": "1", "time": TIME, "scheme": "s3a", "bucket": "lake"}
    assert rows("storage_io", sent) == [{**common, "metric": name, "value": value} for name, value in counters.items()]


def test_stages_are_one_row_a_counter_and_one_for_their_tasks() -> None:
    sent = line(
        "SparkledgerStageIO", Executor_ID="1", Timestamp=1000, Stage_ID=3, Stage_Attempt_ID=1, Tasks=4, Counters={"stream_read_bytes": 9}
    )
    common = {"executor_id": "1", "stage_id": 3, "stage_attempt_id": 1}
    assert rows("stage_io", sent) == [
        {**common, "metric": "tasks", "value": 4},
        {**common, "metric": "stream_read_bytes", "value": 9},
    ]


def test_a_sample_is_a_row_with_0_for_what_the_system_does_not_tell() -> None:
    sent = line("SparkledgerExecutorSample", Executor_ID="driver", Timestamp=1000, JVM_Heap_Used=7, Process_RSS=9)
    assert rows("executor_samples", sent) == [
        {"executor_id": "driver", "time": TIME, **dict.fromkeys(SAMPLE_FIELDS, 0), "jvm_heap_used_bytes": 7, "process_rss_bytes": 9}
    ]


def test_the_machine_is_a_row() -> None:
    sent = line(
        "SparkledgerExecutorPlace", Executor_ID="2", Provider="aws", Instance_Type="m5.xlarge", Availability_Zone="a", Life_Cycle="spot"
    )
    assert rows("executor_places", sent) == [
        {"executor_id": "2", "provider": "aws", "instance_type": "m5.xlarge", "zone": "a", "life_cycle": "spot"}
    ]


def test_a_wrong_counter_costs_its_line_only() -> None:
    bad = line("SparkledgerStorageIO", Executor_ID="1", Timestamp=1000, Counters={"x": "many"})
    negative = line("SparkledgerStorageIO", Executor_ID="1", Timestamp=1000, Scheme="s3a", Counters={"x": -5})
    batch = decode(bad + negative, IDENTITY)
    assert batch.bad_line_count == 1
    assert batch.tables["storage_io"]["value"].to_pylist() == [0]
    assert batch.adjusted == {"storage_io.value": 1}


def test_databricks_says_what_it_runs_with_every_job() -> None:
    sent = line("SparkListenerJobStart", Job_ID=0, Properties={"spark.databricks.job.id": "77", "spark.databricks.notebook.path": "/a"})
    found = rows("environment", sent)
    assert [(row["section"], row["key"], row["value"]) for row in found] == [
        ("platform", "spark.databricks.job.id", "77"),
        ("platform", "spark.databricks.notebook.path", "/a"),
    ]
