"""From raw values of task ends, however they came, to rows of `tasks`: one place, so that blocks and lines agree."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from collector.eventlog.fields import ERROR, METRICS_MISSING, REASON, TASK_FIELDS, Field, Kind
from collector.eventlog.identity import Identity
from collector.eventlog.redaction import clean_text
from collector.eventlog.schemas import LABEL, TEXT, TIME, with_identity
from collector.eventlog.values import ERROR_CHARACTERS, MAX_TIME_MS, UNSET, Adjustments

_STATUS = {"Success": "succeeded", "TaskKilled": "killed"}
_FAILED = "failed"

# Types of the raw values; a field's values fit its range already.
RAW_TYPES: dict[Kind, pa.DataType] = {
    Kind.ID32: pa.uint32(),
    Kind.ID64: pa.uint64(),
    Kind.PARTITION: pa.int32(),
    Kind.COUNTER: pa.int64(),
    Kind.TIME: pa.int64(),
    Kind.FLAG: pa.bool_(),
    Kind.LABEL: LABEL,
}
_ABSENT: dict[Kind, bool | str] = {Kind.FLAG: False, Kind.LABEL: ""}
RAW_FIELDS: dict[str, tuple[pa.DataType, int | bool | str]] = {
    **{f.column: (RAW_TYPES[f.kind], _ABSENT.get(f.kind, f.default or 0)) for f in TASK_FIELDS},
    REASON: (LABEL, ""),
    ERROR: (TEXT, ""),
    METRICS_MISSING: (pa.bool_(), False),
}
"""Type of each raw column and the value that an absent one stands for."""


def task_table(count: int, raw: Mapping[str, pa.Array], identity: Identity, adjusted: Adjustments) -> pa.Table:
    """Rows of `tasks` from raw columns.

    Args:
        count: number of rows, and length of every raw column.
        raw: columns by `Field.column`, or by the block names in `fields`; absent ones are 0, empty or false, a partition -1.
        identity: whose tasks they are.
        adjusted: counts the values that had to be changed.
    """
    launch, finish, getting_result = (_times(raw.get(name), count, name, adjusted) for name in ("launch", "finish", "getting_result"))
    reasons = raw.get(REASON, _absent(REASON, count))
    columns: dict[str, pa.Array] = {
        "end_reason": reasons,
        "status": _statuses(reasons),
        "error": raw.get(ERROR, _absent(ERROR, count)),
        "launch_time": launch.cast(TIME),
        "duration_ms": _unsigned(pc.subtract(finish, launch), "duration_ms", adjusted),
        "getting_result_ms": _getting_result_ms(finish, getting_result, adjusted),
        "has_metrics": pc.invert(raw.get(METRICS_MISSING, _absent(METRICS_MISSING, count))),
    }
    for field in TASK_FIELDS:
        if field.kind is not Kind.TIME:
            columns[field.column] = _column(field, raw.get(field.column), count, adjusted)
    return with_identity("tasks", identity, count, columns)


def error_text(text: str) -> str:
    """The error column's text: at most 500 characters."""
    return clean_text(text, ERROR_CHARACTERS)


def _column(field: Field, values: pa.Array | None, count: int, adjusted: Adjustments) -> pa.Array:
    if field.kind is Kind.COUNTER:
        return pa.repeat(pa.scalar(0, pa.uint64()), count) if values is None else _unsigned(values, field.column, adjusted)
    return _absent(field.column, count) if values is None else values


def _absent(name: str, count: int) -> pa.Array:
    kind, value = RAW_FIELDS[name]
    if kind == LABEL:
        return pa.array([value], LABEL).take(pa.repeat(pa.scalar(0, pa.int32()), count))
    return pa.repeat(pa.scalar(value, kind), count)


def _times(values: pa.Array | None, count: int, name: str, adjusted: Adjustments) -> pa.Array:
    if values is None:
        return pa.repeat(pa.scalar(0, pa.int64()), count)
    bounds = pc.min_max(values)
    if not count or (bounds["min"].as_py() >= 0 and bounds["max"].as_py() <= MAX_TIME_MS):
        return values
    _count(adjusted, name, pc.or_(pc.less(values, UNSET), pc.greater(values, MAX_TIME_MS)))
    return pc.min_element_wise(pc.max_element_wise(values, 0), MAX_TIME_MS)


def _unsigned(values: pa.Array, name: str, adjusted: Adjustments) -> pa.Array:
    try:
        return values.cast(pa.uint64())
    except pa.ArrowInvalid:
        _count(adjusted, name, pc.less(values, UNSET))
        return pc.max_element_wise(values, 0).cast(pa.uint64())


def _getting_result_ms(finish: pa.Array, getting_result: pa.Array, adjusted: Adjustments) -> pa.Array:
    fetched = pc.greater(getting_result, 0)
    return _unsigned(pc.if_else(fetched, pc.subtract(finish, getting_result), 0), "getting_result_ms", adjusted)


def _statuses(reasons: pa.DictionaryArray) -> pa.DictionaryArray:
    """Statuses by way of the reasons' dictionary, which is short."""
    named = pa.array([_STATUS.get(reason, _FAILED) for reason in reasons.dictionary.to_pylist()], pa.string())
    unique = named.dictionary_encode()
    return pa.DictionaryArray.from_arrays(unique.indices.take(reasons.indices), unique.dictionary)


def _count(adjusted: Adjustments, name: str, wrong: pa.BooleanArray) -> None:
    count = pc.sum(wrong).as_py()
    if count:
        adjusted[f"tasks.{name}"] += count
