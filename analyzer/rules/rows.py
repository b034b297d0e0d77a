"""Rows of a rule's query as the rule is given them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa


def rows_of(table: pa.Table) -> list[dict[str, Any]]:
    """One dict a row; a list of numbers is a numpy array, since a stage's may have a million elements, and a Map column a dict."""
    columns = {name: _values(table[name]) for name in table.column_names}
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]


def _values(column: pa.ChunkedArray) -> list[Any]:
    kind = column.type
    if pa.types.is_list(kind) and (pa.types.is_integer(kind.value_type) or pa.types.is_floating(kind.value_type)):
        return [each.values.to_numpy(zero_copy_only=False) for each in column]
    values: list[Any] = column.to_pylist(maps_as_pydicts="lossy")
    return values
