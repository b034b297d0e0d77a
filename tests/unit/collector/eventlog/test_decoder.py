"""Every line is read, or reported; nothing depends on how lines are grouped."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.eventlog import BatchTooLarge, DecodedBatch, Identity, IdentityUnknown, decode
from collector.eventlog.batch import MAX_DAYS, MAX_ROWS
from collector.eventlog.blocks import MAX_COUNT
from collector.eventlog.lines import MAX_LINE_BYTES
from tests.unit.collector.eventlog.encoding import line, sql_line
from tests.unit.collector.eventlog.strategies import LINES

IDENTITY = Identity("app-1")
START = line("SparkListenerApplicationStart", App_ID="app-1", App_Attempt_ID="3", Timestamp=5)


def task_end(**changes: Any) -> dict[str, Any]:
    event = {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": 1,
        "Task End Reason": {"Reason": "Success"},
        "Task Info": {"Task ID": 2, "Launch Time": 1000, "Finish Time": 1500},
    }
    return {**event, **changes}


def dumped(event: Any, **options: Any) -> bytes:
    return json.dumps(event, separators=(",", ":"), **options).encode() + b"\n"


def row_counts(batches: Iterable[DecodedBatch]) -> Counter[str]:
    rows = (f"{name} {row}" for batch in batches for name, table in batch.tables.items() for row in table.to_pylist())
    return Counter(rows)


@settings(deadline=None, max_examples=200)
@given(st.one_of(st.binary(), st.lists(st.one_of(st.binary(max_size=40), LINES)).map(b"".join)))
def test_any_bytes_are_accounted_for(data: bytes) -> None:
    batch = decode(data, IDENTITY)
    blank = sum(not text.strip() for text in data.split(b"\n"))
    read = len(data.split(b"\n")) - blank
    assert batch.events + batch.bad_line_count == read


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=4))
_NAMES = st.sampled_from(["Stage ID", "Task Info", "Task ID", "Launch Time", "Host", "Reason"])
_JSON = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=8)
_FIELDS = ["Stage ID", "Task End Reason", "Task Info", "Task Metrics", "Task Type", "Task Executor Metrics"]


@settings(deadline=None, max_examples=200)
@given(_JSON, st.sampled_from(_FIELDS))
def test_task_end_with_any_value_is_good_or_bad_but_never_raises(value: Any, field: str) -> None:
    batch = decode(dumped(task_end(**{field: value})), IDENTITY)
    assert batch.events + batch.bad_line_count == 1


@settings(deadline=None, max_examples=60)
@given(st.lists(LINES, max_size=12), st.sets(st.integers(0, 12)))
def test_grouping_of_lines_changes_no_row(lines: list[bytes], cuts: set[int]) -> None:
    bounds = [0, *sorted(cut for cut in cuts if cut < len(lines)), len(lines)]
    batches = [decode(b"".join(lines[start:end]), IDENTITY, first_line=start + 1) for start, end in pairwise(bounds)]
    whole = decode(b"".join(lines), IDENTITY)
    chunked = decode(iter(lines), IDENTITY)
    assert row_counts(batches) == row_counts([whole]) == row_counts([chunked])
    assert [bad for batch in batches for bad in batch.bad_lines] == whole.bad_lines == chunked.bad_lines
    assert sum((batch.adjusted for batch in batches), Counter()) == whole.adjusted
    assert sum((batch.unknown_events for batch in batches), Counter()) == whole.unknown_events


def test_identity_is_found_in_the_data() -> None:
    batch = decode(dumped(task_end()) + START)
    assert batch.identity == Identity("app-1", "3")
    assert batch.tables["tasks"].select(["app_id", "attempt_id"]).to_pylist() == [{"app_id": "app-1", "attempt_id": "3"}]


def test_unknown_identity_is_an_error() -> None:
    with pytest.raises(IdentityUnknown):
        decode(dumped(task_end()))


def test_start_of_another_application_is_refused() -> None:
    batch = decode(START, Identity("app-2"))
    assert "app-1" in batch.bad_lines[0].reason
    assert not batch.tables


def test_start_whose_id_is_no_identifier_belongs_to_who_was_named() -> None:
    batch = decode(line("SparkListenerApplicationStart", App_ID="my daily app", App_Name="n", Timestamp=5), Identity("my-daily-app"))
    assert (batch.bad_line_count, batch.tables["applications"].num_rows) == (0, 1)


@pytest.mark.parametrize("separators", [(", ", ": "), (",", ":")])
def test_spaces_make_no_difference(separators: tuple[str, str]) -> None:
    data = json.dumps(task_end(), separators=separators).encode()
    assert decode(data, IDENTITY).tables["tasks"].num_rows == 1


def test_name_may_stand_last() -> None:
    event = task_end()
    event["Event"] = event.pop("Event")
    assert decode(dumped(event), IDENTITY).tables["tasks"].num_rows == 1


def test_missing_fields_take_defaults() -> None:
    (row,) = decode(dumped(task_end()), IDENTITY).tables["tasks"].to_pylist()
    assert (row["duration_ms"], row["has_metrics"], row["partition_id"], row["status"]) == (500, False, -1, "succeeded")
    assert (row["host"], row["shuffle_bytes_written"], row["jvm_heap_memory_bytes"], row["getting_result_ms"]) == ("", 0, 0, 0)


def test_null_metrics_are_missing_metrics() -> None:
    (row,) = decode(dumped(task_end(**{"Task Metrics": None})), IDENTITY).tables["tasks"].to_pylist()
    assert not row["has_metrics"]
    (row,) = decode(dumped(task_end(**{"Task Metrics": {}})), IDENTITY).tables["tasks"].to_pylist()
    assert row["has_metrics"]


@pytest.mark.parametrize(
    ("reason", "status", "error"),
    [
        ({"Reason": "Success"}, "succeeded", ""),
        ({"Reason": "TaskKilled", "Kill Reason": "another attempt succeeded"}, "killed", "another attempt succeeded"),
        ({"Reason": "TaskKilled"}, "killed", ""),
        ({"Reason": "ExceptionFailure", "Class Name": "a.B", "Description": "boom"}, "failed", "a.B: boom"),
        ({"Reason": "ExceptionFailure", "Class Name": "a.B", "Description": None}, "failed", "a.B"),
        ({"Reason": "ExecutorLostFailure", "Executor ID": "3", "Loss Reason": "spot"}, "failed", "spot"),
        ({"Reason": "ExecutorLostFailure", "Executor ID": "3"}, "failed", ""),
        ({"Reason": "FetchFailed", "Message": "m" * 600}, "failed", "m" * 500),
        ({"Reason": "Resubmitted"}, "failed", ""),
        ({"Reason": "TaskCommitDenied", "Job ID": 1}, "failed", ""),
    ],
)
def test_end_reason_gives_status_and_error(reason: dict[str, Any], status: str, error: str) -> None:
    (row,) = decode(dumped(task_end(**{"Task End Reason": reason})), IDENTITY).tables["tasks"].to_pylist()
    assert (row["end_reason"], row["status"], row["error"]) == (reason["Reason"], status, error)


def test_result_that_was_fetched_has_a_time() -> None:
    info = {"Task ID": 2, "Launch Time": 1000, "Finish Time": 1500, "Getting Result Time": 1400}
    (row,) = decode(dumped(task_end(**{"Task Info": info})), IDENTITY).tables["tasks"].to_pylist()
    assert row["getting_result_ms"] == 100


def test_values_out_of_range_are_clamped_and_counted() -> None:
    info = {"Task ID": 2, "Launch Time": 10**17, "Finish Time": -7}
    metrics = {"Result Size": -3, "Executor Run Time": -1}
    batch = decode(dumped(task_end(**{"Task Info": info, "Task Metrics": metrics})), IDENTITY)
    (row,) = batch.tables["tasks"].to_pylist()
    assert row["launch_time"].isoformat() == "2100-01-01T00:00:00+00:00"
    assert (row["duration_ms"], row["result_size_bytes"], row["executor_run_time_ms"]) == (0, 0, 0)
    assert batch.adjusted == {"tasks.launch": 1, "tasks.finish": 1, "tasks.duration_ms": 1, "tasks.result_size_bytes": 1}
    assert "1 of tasks.launch" in batch.first_error


@pytest.mark.parametrize(
    "text",
    [
        b'{"Event":"SparkListenerTaskEnd","Stage ID":NaN}',
        b'{"Event":"SparkListenerTaskEnd","Stage ID":1}',
        b'{"Event":"SparkListenerTaskStart","Stage ID":',
        b'{"Event":"SparkListenerBlockUpdated",}',
        b'{"Event":"SparkListenerJobStart","Job ID":-1}',
        b'{"Event":"SparkListenerJobStart","Job ID":"1"}',
        b'{"Event":"SparkListenerJobStart","Job ID":18446744073709551616}',
        b'{"Event":5}',
        b'{"event":"SparkListenerTaskStart"}',
        b"42",
        b"null",
        b"\xff\xfe{}",
        b'{"Event":"SparkListenerApplicationStart","App ID":"\\ud800"}',
        b'{"Event":"SparkListenerJobStart","Job ID":1.5}',
        b'{"Event":"SparkListenerJobStart","Job ID":1e18}',
        b"[" * 100_000,
    ],
)
def test_bad_line_is_reported_and_the_rest_kept(text: bytes) -> None:
    batch = decode(START + text + b"\n" + dumped(task_end()), IDENTITY, first_line=10)
    assert [bad.line for bad in batch.bad_lines] == [11]
    assert batch.first_error.startswith("line 11: ")
    assert batch.events == 2
    assert batch.tables["tasks"].num_rows == 1


@pytest.mark.parametrize(
    ("text", "name", "time_ms"),
    [
        (b'"App Name":"na\xefve","Timestamp":7', "na\N{REPLACEMENT CHARACTER}ve", 7),
        (b'"App Name":"a\tb\x01","Timestamp":7', "a\tb\x01", 7),
        (b'"App Name":"n","Timestamp":1.422981780767E12', "n", 1_422_981_780_767),
        (b'"App Name":"n","Timestamp":7.0', "n", 7),
    ],
)
def test_what_other_writers_make_of_texts_and_numbers_is_read(text: bytes, name: str, time_ms: int) -> None:
    batch = decode(b'{"Event":"SparkListenerApplicationStart","App ID":"app-1",' + text + b"}\n")
    (row,) = batch.tables["applications"].to_pylist()
    assert (batch.bad_line_count, row["name"], row["time"].timestamp() * 1000) == (0, name, time_ms)


def test_line_over_the_limit_is_refused() -> None:
    batch = decode(b'{"Event":"SparkListenerBlockUpdated","x":"' + b"x" * MAX_LINE_BYTES + b'"}\n' + dumped(task_end()), IDENTITY)
    assert "longer than" in batch.bad_lines[0].reason
    assert batch.events == 1


def test_only_the_first_hundred_bad_lines_are_described() -> None:
    batch = decode(b"?\n" * 250, IDENTITY)
    assert (len(batch.bad_lines), batch.bad_line_count) == (100, 250)


def test_cut_last_line_is_incomplete_only_where_that_may_be() -> None:
    data = dumped(task_end()) + b'{"Event":"SparkListenerTa'
    cut, whole = decode(data, IDENTITY, may_be_cut=True), decode(data, IDENTITY)
    assert (cut.incomplete, cut.bad_line_count) == (True, 0)
    assert (whole.incomplete, whole.bad_line_count) == (False, 1)


def test_last_line_without_an_end_is_read() -> None:
    batch = decode(dumped(task_end())[:-1], IDENTITY, may_be_cut=True)
    assert (batch.incomplete, batch.events) == (False, 1)


def test_unknown_events_are_counted_by_name() -> None:
    batch = decode(line("com.example.Surprise") * 2 + line("SparkListenerTaskStart"), IDENTITY)
    assert (batch.unknown_events, batch.events) == ({"Surprise": 2}, 3)


def test_known_events_that_no_table_holds_are_counted_by_name() -> None:
    progress = "org.apache.spark.sql.streaming.StreamingQueryListener$QueryProgressEvent"
    spaced = b'{ "Event" : "SparkListenerTaskStart" }\n'
    batch = decode(line("SparkListenerTaskStart") * 3 + spaced + line(progress) + dumped(task_end()), IDENTITY)
    assert batch.counted_events == {"SparkListenerTaskStart": 4, "StreamingQueryListener$QueryProgressEvent": 1}
    assert (batch.events, batch.unknown_events) == (6, {})


@pytest.mark.parametrize(
    "name",
    [
        "org.apache.spark.sql.connect.service.SparkListenerConnectOperationFinished",
        "org.apache.spark.sql.hive.thriftserver.ui.SparkListenerThriftServerOperationFinish",
        "org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionObfuscatedInfo",
        "com.nvidia.spark.rapids.SparkRapidsBuildInfoEvent",
    ],
)
def test_events_of_servers_and_distributions_are_known(name: str) -> None:
    batch = decode(line(name, jobTag="x"), IDENTITY)
    assert (sum(batch.counted_events.values()), batch.unknown_events) == (1, {})


def test_json_that_is_not_the_event_it_names_is_malformed() -> None:
    batch = decode(line("SparkListenerTaskEnd") + line("SparkListenerJobStart") + b'{"Event":\n', IDENTITY)
    assert (batch.bad_line_count, batch.malformed_lines) == (3, 2)


def test_package_of_an_event_does_not_matter() -> None:
    batch = decode(sql_line("SparkListenerSQLExecutionEnd", executionId=4, time=9), IDENTITY)
    assert batch.tables["sql_executions"].num_rows == 1


def block(count: int, **columns: Any) -> bytes:
    return dumped(
        {
            "Event": "SparkledgerTaskEnds",
            "Count": count,
            "Stage ID": {"all": 1},
            "Task ID": {"all": 1},
            "Launch Time": {"all": 0},
            **columns,
        }
    )


ROWS_FROM_FEW_BYTES = {
    "blocks": block(MAX_COUNT) * (MAX_ROWS // MAX_COUNT),
    "driver updates": sql_line("SparkListenerDriverAccumUpdates", executionId=1, accumUpdates=[[0, 0]] * MAX_ROWS),
}


@pytest.mark.parametrize("name", ROWS_FROM_FEW_BYTES)
def test_rows_of_a_batch_have_an_end(name: str) -> None:
    full = ROWS_FROM_FEW_BYTES[name]
    assert decode(full, IDENTITY).rows == MAX_ROWS
    with pytest.raises(BatchTooLarge, match="500,000 rows"):
        decode(full + dumped(task_end()), IDENTITY)


def test_a_block_that_asks_for_too_many_rows_is_one_bad_line() -> None:
    batch = decode(block(MAX_COUNT + 1) + dumped(task_end()), IDENTITY)
    assert (batch.bad_line_count, batch.rows) == (1, 1)


def test_days_of_a_batch_have_an_end() -> None:
    days = [day * 86_400_000 for day in range(MAX_DAYS + 1)]
    assert decode(block(MAX_DAYS, **{"Launch Time": days[:-1]}), IDENTITY).rows == MAX_DAYS
    with pytest.raises(BatchTooLarge, match="500 days"):
        decode(block(MAX_DAYS + 1, **{"Launch Time": days}), IDENTITY)
