"""Event-log lines for tests, made by hand as Spark and the listener write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from collector.eventlog.fields import ERROR, INT64_MAX, METRICS_MISSING, METRICS_PATH, REASON, TASK_FIELDS, Kind

Values = Mapping[str, Any]
"""A task end by column, with `REASON`, `ERROR` and `METRICS_MISSING`."""


def line(event: str, **fields: Any) -> bytes:
    """One event whose field names have underscores for spaces."""
    return json.dumps({"Event": event, **{name.replace("_", " "): value for name, value in fields.items()}}).encode() + b"\n"


def sql_line(event: str, **fields: Any) -> bytes:
    """One event of Spark SQL, with its package and with field names as they are."""
    return json.dumps({"Event": f"org.apache.spark.sql.execution.ui.{event}", **fields}).encode() + b"\n"


def task_end_line(values: Values) -> bytes:
    """One `SparkListenerTaskEnd` in Spark's nesting."""
    event: dict[str, Any] = {"Event": "SparkListenerTaskEnd", "Task End Reason": _reason(values)}
    for field in TASK_FIELDS:
        if field.path[0] == METRICS_PATH and values[METRICS_MISSING]:
            continue
        target = event
        for group in field.path[:-1]:
            target = target.setdefault(group, {})
        target[field.path[-1]] = values[field.column]
    return json.dumps(event, separators=(",", ":")).encode() + b"\n"


def _reason(values: Values) -> dict[str, Any]:
    reason, error = values[REASON], values[ERROR]
    key = {"TaskKilled": "Kill Reason", "ExecutorLostFailure": "Loss Reason", "FetchFailed": "Message"}.get(reason)
    if reason == "ExceptionFailure":
        return {"Reason": reason, "Class Name": error, "Description": None, "Stack Trace": []}
    return {"Reason": reason, key: error} if key else {"Reason": reason}


def block_line(rows: Sequence[Values], forms: Sequence[int]) -> bytes:
    """The same task ends as one block line. `forms` chooses a form a column: 0 plain, 1 `base`, else the shortest that fits."""
    block: dict[str, Any] = {"Event": "SparkledgerTaskEnds", "Count": len(rows)}
    names = [(field.block_column, field.column, field.kind is Kind.LABEL, field.default or 0) for field in TASK_FIELDS]
    names += [(REASON, REASON, True, 0), (ERROR, ERROR, True, 0), (METRICS_MISSING, METRICS_MISSING, False, 0)]
    for number, (name, column, text, absent) in enumerate(names):
        values = [row[column] if text else int(row[column]) for row in rows]
        if any(value != ("" if text else absent) for value in values):
            block[name] = _column(values, text, forms[number % len(forms)])
    return json.dumps(block, separators=(",", ":")).encode() + b"\n"


def _column(values: list[Any], text: bool, form: int) -> Any:
    if form == 0 or (not text and max(values) - min(values) > INT64_MAX):
        return values
    if form > 1 and len(set(values)) == 1:
        return {"all": values[0]}
    if text:
        entries = list(dict.fromkeys(values))
        return {"dict": entries, "idx": [entries.index(value) for value in values]}
    base = min(values)
    return {"base": base, "delta": [value - base for value in values]}
