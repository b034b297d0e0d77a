"""What the decoders of the rarer events return: rows by table, and types for JSON that Spark writes loosely."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Row = tuple[Any, ...]
"""The columns of a table in its schema's order, without app_id and attempt_id."""

Rows = Iterator[tuple[str, Row]]
"""Pairs of table and row."""


def text_of(value: Any) -> str:
    """A text as it is, nothing for null, any other JSON value as Python prints it: maps of properties hold texts by contract."""
    if value is None:
        return ""
    return value if isinstance(value, str) else str(value)


def int_of(value: Any, default: int) -> int:
    """A number that Spark may have written as text; `default` where there is none."""
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return default
