"""Lines of `SparkListenerTaskEnd`: the frequent event, so only what is stored is decoded.

Structs are made from the field table; one `attrgetter` over dotted names takes all numbers of a row in C.
Accumulables are skipped: a stage's end carries their totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter
from struct import Struct
from typing import Annotated, Any

import msgspec
import numpy as np
import pyarrow as pa

from collector.eventlog.fields import ERROR, METRICS_MISSING, METRICS_PATH, RANGES, REASON, TASK_FIELDS, Field, Kind
from collector.eventlog.identity import Identity
from collector.eventlog.schemas import LABEL, TEXT
from collector.eventlog.task_table import RAW_TYPES, error_text, task_table
from collector.eventlog.values import Adjustments


class TaskEndReason(msgspec.Struct, gc=False):
    """`Task End Reason`, as far as it explains a failure."""

    reason: str = msgspec.field(name="Reason")
    class_name: str | None = msgspec.field(name="Class Name", default=None)
    description: str | None = msgspec.field(name="Description", default=None)
    kill_reason: str | None = msgspec.field(name="Kill Reason", default=None)
    loss_reason: str | None = msgspec.field(name="Loss Reason", default=None)
    message: str | None = msgspec.field(name="Message", default=None)


def error_of(reason: TaskEndReason) -> str:
    """Why a task did not succeed, at most 500 characters; '' where Spark says no more than the reason's name."""
    match reason.reason:
        case "ExceptionFailure":
            text = reason.class_name or ""
            if reason.description is not None:
                text = f"{text}: {reason.description}"
        case "TaskKilled":
            text = reason.kill_reason or ""
        case "ExecutorLostFailure":
            text = reason.loss_reason or ""
        case "FetchFailed":
            text = reason.message or ""
        case _:
            return ""
    return error_text(text)


def _attribute(group: str) -> str:
    return group.replace(" ", "_").lower()


def _annotation(field: Field) -> Any:
    if field.kind is Kind.FLAG:
        return bool
    if field.kind is Kind.LABEL:
        return str
    low, high = RANGES[field.kind]
    return Annotated[int, msgspec.Meta(ge=low, le=high)]


def _leaf(field: Field) -> tuple[str, Any, Any]:
    if field.required:
        return field.column, _annotation(field), msgspec.field(name=field.path[-1])
    default = {Kind.FLAG: False, Kind.LABEL: ""}.get(field.kind, field.default or 0)
    return field.column, _annotation(field), msgspec.field(name=field.path[-1], default=default)


def _object(group: str, nested: Any, required: bool) -> tuple[str, Any, Any]:
    if required:
        return _attribute(group), nested, msgspec.field(name=group)
    if group == METRICS_PATH:
        # Spark leaves the metrics out, or writes null, where a task ended without any.
        return _attribute(group), nested | None, msgspec.field(name=group, default=None)
    return _attribute(group), nested, msgspec.field(name=group, default=nested())


def struct_for(fields: Sequence[Field], path: tuple[str, ...] = (), extra: Sequence[tuple[str, Any, Any]] = ()) -> Any:
    """A struct of the JSON object at `path`: its fields by column name, the objects in it by their names in snake case."""
    depth = len(path)
    members = [_leaf(field) for field in fields if field.path[:-1] == path]
    below = [field for field in fields if field.path[:depth] == path and len(field.path) > depth + 1]
    for group in dict.fromkeys(field.path[depth] for field in below):
        required = any(field.required for field in below if field.path[depth] == group)
        members.append(_object(group, struct_for(fields, (*path, group)), required))
    name = "".join(" ".join(path or ("TaskEnd",)).split())
    return msgspec.defstruct(name, [*members, *extra], gc=False, kw_only=True, frozen=depth > 0)


TaskEnd = struct_for(TASK_FIELDS, extra=[("reason", TaskEndReason, msgspec.field(name="Task End Reason"))])
decode_task_end = msgspec.json.Decoder(TaskEnd).decode

_metrics = attrgetter(_attribute(METRICS_PATH))
_NO_METRICS = struct_for(TASK_FIELDS, (METRICS_PATH,))()
_NUMBERS = [field for field in TASK_FIELDS if field.kind not in (Kind.FLAG, Kind.LABEL)]
_OTHERS = [field for field in TASK_FIELDS if field.kind in (Kind.FLAG, Kind.LABEL)]


def _getter(*fields: Field) -> attrgetter[Any]:
    return attrgetter(*(".".join([*map(_attribute, field.path[:-1]), field.column]) for field in fields))


_reason = attrgetter("reason.reason")
_numbers = _getter(*_NUMBERS)
_pack = Struct(f"{len(_NUMBERS)}q").pack
_others = [(field.column, RAW_TYPES[field.kind], _getter(field)) for field in _OTHERS]


def task_end_table(ends: Sequence[Any], identity: Identity, adjusted: Adjustments) -> pa.Table:
    """Rows of `tasks` from decoded task ends."""
    missing = [_metrics(end) is None for end in ends]
    for end, without in zip(ends, missing, strict=True):
        if without:
            setattr(end, _attribute(METRICS_PATH), _NO_METRICS)
    raw = _number_columns(ends)
    for name, kind, getter in _others:
        raw[name] = pa.array([getter(end) for end in ends], kind)
    raw[REASON] = pa.array([_reason(end) for end in ends], LABEL)
    raw[METRICS_MISSING] = pa.array(missing, pa.bool_())
    raw[ERROR] = pa.array([error_of(end.reason) for end in ends], TEXT)
    return task_table(len(ends), raw, identity, adjusted)


def _number_columns(ends: Sequence[Any]) -> dict[str, pa.Array]:
    """The numbers by column. They are packed row by row into one matrix of 64-bit integers, which turns into columns at once:
    an Arrow array a column costs several times as much. Columns of zeros, which most counters are, are left to `task_table`."""
    matrix = np.frombuffer(b"".join([_pack(*_numbers(end)) for end in ends]), np.int64).reshape(len(ends), len(_NUMBERS))
    filled = set(np.flatnonzero(matrix.any(axis=0)).tolist())
    columns = np.ascontiguousarray(matrix.T)
    return {
        field.column: _typed(pa.array(columns[position]), RAW_TYPES[field.kind])
        for position, field in enumerate(_NUMBERS)
        if position in filled or field.default
    }


def _typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    # A cast to the same type costs as much as any.
    return values if values.type == kind else values.cast(kind)
