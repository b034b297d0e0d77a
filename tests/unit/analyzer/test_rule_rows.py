"""Rows of a rule's query as the rule is given them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from analyzer.rules.rows import rows_of


def test_lists_of_numbers_are_arrays_and_all_else_is_plain() -> None:
    table = pa.table(
        {
            "stage_name": ["a", "b"],
            "durations_ms": pa.array([[3, 1], []], pa.list_(pa.uint64())),
            "locations": [["x"], []],
            "total": pa.array([1, 2], pa.int64()),
            "metadata": pa.array([[("k", "v")], []], pa.map_(pa.string(), pa.string())),
        }
    )
    first, second = rows_of(table)

    assert isinstance(first["durations_ms"], np.ndarray)
    assert first.pop("durations_ms").tolist() == [3, 1]
    assert second.pop("durations_ms").tolist() == []
    assert first == {"stage_name": "a", "locations": ["x"], "total": 1, "metadata": {"k": "v"}}
    assert second == {"stage_name": "b", "locations": [], "total": 2, "metadata": {}}


def test_no_rows_are_none() -> None:
    assert rows_of(pa.table({"total": pa.array([], pa.int64())})) == []
