"""Logs of others give the facts that an independent script found in them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from collector.eventlog import decode
from collector.eventlog.batch import DecodedBatch
from collector.eventlog.codecs import StreamState
from collector.eventlog.identity import completed_by_file, find_identity
from collector.eventlog.schemas import SCHEMAS
from collector.eventlog.sources import LogSource, find_logs
from tests.conftest import EVENT_LOGS

LOGS = (
    "apache__spark/spark-events/local-1422981780767",
    "linkedin__dr-elephant/history/event_log_230",
    "mgarralda__garralda-performance-model/small/small_executor3_cores3_memory3g_shuffle200/application_1664788134226_0048_correlation",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/eventlog_v2_local-1623876083964",
    "NVIDIA__spark-rapids-tools/spark-events-profiling/tasks_executors_fail_compressed_eventlog.zstd",
    "NVIDIA__spark-rapids/sqlparse_failure.gz",
    "apache__spark/spark-events/app-20200706201101-0003",
    "apache__spark/spark-events/application_1628109047826_1317105",
    "apache__spark/sql-spark-events/local-1596020211915",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_1_eventlog.zstd",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_2_eventlog.zstd",
    "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745",
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_1.zstd",
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_2.zstd",
    "synccomputingcode__syncsparkpy/application_1678162862227_0001",
    "DistributedSystemsGroup__SparkEvents/app-20150427150733-0000.inprogress",
    "NVIDIA__spark-rapids-tools/spark-events-profiling/malformed_json_eventlog.zstd",
    "_transcoded/cut60_spark-cc4d115f011443d787f03a71a476a745.zstd.inprogress",
)
TOTALS = {
    "input_bytes": "input_bytes_read",
    "input_records": "input_records_read",
    "output_bytes": "output_bytes_written",
    "output_records": "output_records_written",
    "shuffle_read_remote": "shuffle_remote_bytes_read",
    "shuffle_read_local": "shuffle_local_bytes_read",
    "fetch_wait_ms": "shuffle_fetch_wait_time_ms",
    "shuffle_write_bytes": "shuffle_bytes_written",
    "shuffle_write_ns": "shuffle_write_time_ns",
    "mem_spill": "memory_bytes_spilled",
    "disk_spill": "disk_bytes_spilled",
    "run_ms": "executor_run_time_ms",
    "cpu_ns": "executor_cpu_time_ns",
    "gc_ms": "jvm_gc_time_ms",
    "result_bytes": "result_size_bytes",
}

pytestmark = pytest.mark.skipif(not EVENT_LOGS.is_dir(), reason=f"no event logs at {EVENT_LOGS}: they are not part of the repository")


@pytest.fixture(scope="module", params=LOGS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def facts(name: str, expected_facts: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return expected_facts[name]


@pytest.fixture(scope="module")
def source(name: str, event_logs: Path) -> LogSource:
    (found,) = find_logs(event_logs / name)
    return found


@pytest.fixture(scope="module")
def state(name: str) -> StreamState:
    return StreamState()


@pytest.fixture(scope="module")
def batch(source: LogSource, state: StreamState) -> DecodedBatch:
    data = b"".join(source.chunks(state))
    return decode(data, completed_by_file(find_identity(data), source.name), may_be_cut=True)


def table(batch: DecodedBatch, name: str) -> pa.Table:
    return batch.tables.get(name, SCHEMAS[name].empty_table())


def events(batch: DecodedBatch, name: str, event: str) -> pa.Table:
    rows = table(batch, name)
    return rows.filter(pc.equal(rows["event"].cast(pa.string()), event))


def total(rows: pa.Table, column: str) -> int:
    return pc.sum(rows[column]).as_py() or 0


def test_every_line_is_accounted_for(batch: DecodedBatch, facts: dict[str, Any], state: StreamState) -> None:
    assert batch.events == facts["events_total"]
    assert batch.bad_line_count + batch.incomplete == facts["bad_lines"]
    assert batch.incomplete == facts["last_line_partial"]
    assert bool(state.cut) == facts["last_line_partial"]
    assert (batch.malformed_lines, state.damaged) == (facts["malformed_events"], facts["decode_errors"])
    assert batch.counted_events["SparkListenerTaskStart"] == facts["task_starts"]
    assert state.codecs == facts["codec"]
    assert not batch.adjusted


def test_application_is_known(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    (start,) = events(batch, "applications", "start").to_pylist()
    assert (start["app_id"], start["attempt_id"], start["name"]) == (
        facts["app"]["id"],
        facts["app"]["attempt"] or "",
        facts["app"]["name"],
    )
    assert start["time"].timestamp() * 1000 == facts["app"]["start"]
    assert events(batch, "applications", "end").num_rows == facts["app_ended"]
    versions = events(batch, "applications", "log_start")["spark_version"].to_pylist()
    assert versions == ([facts["spark_version"]] if facts["spark_version"] else [])


def test_task_ends_are_counted_by_reason_and_status(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    tasks = table(batch, "tasks")
    statuses = Counter(tasks["status"].to_pylist())
    assert tasks.num_rows == facts["task_ends"]
    assert Counter(tasks["end_reason"].to_pylist()) == facts["task_end_reasons"]
    assert (statuses["succeeded"], statuses["failed"], statuses["killed"]) == (
        facts["tasks_succeeded"],
        facts["tasks_failed"],
        facts["tasks_killed"],
    )
    assert total(tasks, "speculative") == facts["speculative_tasks"]


def test_totals_of_task_metrics_agree(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    tasks = table(batch, "tasks")
    succeeded = tasks.filter(pc.equal(tasks["status"].cast(pa.string()), "succeeded"))
    for rows, expected in ((tasks, facts["totals_all_task_ends"]), (succeeded, facts["totals_successful"])):
        assert {fact: total(rows, column) for fact, column in TOTALS.items()} == {fact: expected[fact] for fact in TOTALS}
    assert total(tasks, "duration_ms") == facts["task_busy_ms"]


def test_longest_task_is_the_longest(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    longest, tasks = facts["longest_task"], table(batch, "tasks")
    rows = tasks.filter(pc.equal(tasks["duration_ms"], pc.max(tasks["duration_ms"]))).to_pylist()
    found = {(r["duration_ms"], r["stage_id"], r["stage_attempt_id"], r["task_id"], r["executor_id"], r["end_reason"]) for r in rows}
    assert tuple(longest[k] for k in ("ms", "stage", "attempt", "task", "executor", "reason")) in found
    assert longest["launch"] in {int(r["launch_time"].timestamp() * 1000) for r in rows}


def test_peaks_are_there_where_spark_polled(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    tasks = table(batch, "tasks")
    assert pc.sum(pc.greater(tasks["jvm_heap_memory_bytes"], 0)).as_py() == facts["peak_metrics_task_ends"]
    assert table(batch, "stage_executor_peaks").num_rows == facts["stage_executor_metrics_events"]


def test_jobs_agree(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    assert events(batch, "jobs", "start").num_rows == facts["jobs"]
    assert events(batch, "jobs", "end")["result"].to_pylist().count("JobFailed") == facts["jobs_failed"]


def test_stages_agree(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    ranks = Counter(table(batch, "stages")["event_rank"].to_pylist())
    failures = [reason for reason in table(batch, "stages")["failure_reason"].to_pylist() if reason]
    assert (ranks[1], ranks[2], len(failures)) == (
        facts["stage_attempts_submitted"],
        facts["stage_attempts_completed"],
        facts["stage_attempts_failed"],
    )


def test_executors_agree(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    added, removed = events(batch, "executors", "added"), events(batch, "executors", "removed")
    cores = dict(zip(added["executor_id"].to_pylist(), added["total_cores"].to_pylist(), strict=True))
    cores.pop("driver", None)  # local mode adds the driver, which the facts leave out
    assert len(cores) == facts["executors_added"]
    assert Counter(str(number) for number in cores.values()) == facts["executor_cores"]
    assert removed.num_rows == facts["executors_removed"]


def test_sql_executions_agree(batch: DecodedBatch, facts: dict[str, Any]) -> None:
    assert events(batch, "sql_executions", "start").num_rows == facts["sql_executions"]
    assert sum(bool(error) for error in events(batch, "sql_executions", "end")["error"].to_pylist()) == facts["sql_failed"]


def test_malformed_environment_costs_its_line_only(event_logs: Path) -> None:
    (source,) = find_logs(event_logs / "NVIDIA__spark-rapids-tools/spark-events-profiling/malformed_json_eventlog.zstd")
    batch = decode(source.chunks(StreamState()), find_identity(b"".join(source.chunks(StreamState()))))
    assert [bad.line for bad in batch.bad_lines] == [4]
    assert batch.events == 476


@pytest.mark.parametrize("codec", ["lz4", "snappy"])
def test_twin_in_another_codec_gives_the_same_rows(event_logs: Path, codec: str) -> None:
    folder = "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745"
    original, twin = (whole(event_logs / path) for path in (folder, f"_transcoded/spark-cc4d115f011443d787f03a71a476a745.{codec}"))
    assert twin.tables.keys() == original.tables.keys()
    for table_name, rows in original.tables.items():
        assert twin.tables[table_name].to_pylist() == rows.to_pylist()


def test_cut_twin_gives_a_prefix_of_the_rows(event_logs: Path) -> None:
    folder = "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745"
    original = whole(event_logs / folder)
    cut = whole(event_logs / "_transcoded/cut60_spark-cc4d115f011443d787f03a71a476a745.zstd.inprogress")
    assert cut.incomplete
    for table_name, rows in cut.tables.items():
        assert rows.to_pylist() == original.tables[table_name].to_pylist()[: rows.num_rows]


def whole(path: Path) -> DecodedBatch:
    (source,) = find_logs(path)
    return decode(b"".join(source.chunks(StreamState())), may_be_cut=True)
