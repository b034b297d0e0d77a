"""A block line is many task ends."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.eventlog import Identity, decode
from collector.eventlog.fields import ERROR
from tests.unit.collector.eventlog.encoding import Values, block_line, task_end_line
from tests.unit.collector.eventlog.strategies import task_ends

IDENTITY = Identity("app-1", "2")


def block(**columns: Any) -> bytes:
    return json.dumps({"Event": "SparkledgerTaskEnds", **{name.replace("_", " "): value for name, value in columns.items()}}).encode()


@settings(deadline=None, max_examples=60)
@given(rows=st.lists(task_ends(), min_size=1, max_size=6), forms=st.lists(st.integers(0, 2), min_size=1, max_size=7))
def test_block_gives_the_rows_of_its_lines(rows: list[Values], forms: list[int]) -> None:
    # A block carries the error as the listener cut it; Spark's line carries it whole.
    cut = [{**row, ERROR: row[ERROR][:500]} for row in rows]
    from_lines = decode(b"".join(map(task_end_line, rows)), IDENTITY)
    from_block = decode(block_line(cut, forms), IDENTITY)
    assert not from_lines.bad_lines
    assert not from_block.bad_lines
    assert from_block.events == from_lines.events == len(rows)
    assert from_block.tables["tasks"].to_pylist() == from_lines.tables["tasks"].to_pylist()
    assert from_block.adjusted == from_lines.adjusted


def test_example_of_the_reference_is_read() -> None:
    data = block(
        Count=3,
        Stage_ID={"all": 7},
        Task_ID={"base": 41, "delta": [0, 1, 2]},
        Launch_Time={"base": 1795400000123, "delta": [0, 0, 17]},
        Finish_Time={"base": 1795400000987, "delta": [12, 0, 400]},
        Host={"dict": ["ip-10-0-0-1", "ip-10-0-0-2"], "idx": [0, 1, 0]},
        Executor_Run_Time=[812, 799, 1201],
    )
    rows = decode(data, IDENTITY).tables["tasks"].to_pylist()
    assert [(r["stage_id"], r["task_id"], r["duration_ms"], r["host"], r["executor_run_time_ms"]) for r in rows] == [
        (7, 41, 876, "ip-10-0-0-1", 812),
        (7, 42, 864, "ip-10-0-0-2", 799),
        (7, 43, 1247, "ip-10-0-0-1", 1201),
    ]
    assert {(r["partition_id"], r["has_metrics"], r["speculative"], r["error"]) for r in rows} == {(-1, True, False, "")}


@pytest.mark.parametrize(
    "columns",
    [
        {"Count": 2, "Task_ID": [1]},
        {"Count": 2, "Host": ["a"]},
        {"Count": 2, "Task_ID": {"base": 1, "delta": [1, 2, 3]}},
        {"Count": 2, "Task_ID": {"base": 1}},
        {"Count": 2, "Task_ID": {}},
        {"Count": 2, "Host": {"dict": ["a"], "idx": [0, 1]}},
        {"Count": 2, "Host": {"dict": ["a"], "idx": [0, -1]}},
        {"Count": 2, "Host": {"dict": ["a"], "idx": [0, 2**70]}},
        {"Count": 2, "Host": {"all": 5}},
        {"Count": 2, "Task_ID": ["a", "b"]},
        {"Count": 2, "Task_ID": [1, None]},
        {"Count": 2, "Task_ID": [-1, 1]},
        {"Count": 2, "Stage_ID": [2**32, 1]},
        {"Count": 2, "Speculative": [2, 0]},
        {"Count": 1, "Result_Size": [2**63]},
        {"Count": 1, "Result_Size": {"base": 2**63 - 1, "delta": [1]}},
        {"Count": 1, "Result_Size": {"all": 2**64}},
        {"Count": -1},
        {"Count": 10**12, "Task_ID": {"all": 1}},
        {"Count": 1.5},
        {"Task_ID": [1]},
    ],
)
def test_malformed_block_is_one_bad_line(columns: dict[str, Any]) -> None:
    good = block(Count=1, Task_ID=[9], Launch_Time=[1])
    batch = decode(good + b"\n" + block(**columns) + b"\n" + good, IDENTITY)
    assert [bad.line for bad in batch.bad_lines] == [2]
    assert batch.bad_lines[0].reason
    assert batch.tables["tasks"]["task_id"].to_pylist() == [9, 9]


def test_unknown_columns_of_a_later_listener_are_ignored() -> None:
    batch = decode(block(Count=1, Task_ID=[9], Quantum_Flux=[1]), IDENTITY)
    assert not batch.bad_lines
    assert batch.tables["tasks"].num_rows == 1


def test_empty_block_holds_nothing() -> None:
    batch = decode(block(Count=0), IDENTITY)
    assert (batch.events, batch.bad_line_count, batch.tables) == (0, 0, {})
