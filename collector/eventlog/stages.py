"""Stage attempts, and the totals of SQL metrics that come with their ends."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec import Struct, field

from collector.eventlog.fields import INT64_MAX, INT64_MIN
from collector.eventlog.redaction import clean_text
from collector.eventlog.rows import Rows
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, Id32, Int64, clamped, time_ms

_SUBMITTED, _COMPLETED = 1, 2
_INT32_MAX = 2**31 - 1


class _StorageLevel(Struct, gc=False):
    disk: bool = field(name="Use Disk", default=False)
    memory: bool = field(name="Use Memory", default=False)


class _Rdd(Struct, gc=False):
    rdd_id: Id32 = field(name="RDD ID")
    name: str | None = field(name="Name", default=None)
    scope: str | None = field(name="Scope", default=None)
    storage: _StorageLevel = field(name="Storage Level", default_factory=_StorageLevel)
    cached_partitions: Id32 = field(name="Number of Cached Partitions", default=0)


class _Accumulable(Struct, gc=False):
    accumulator_id: Int64 = field(name="ID", default=-1)
    value: Any = field(name="Value", default=None)
    metadata: str | None = field(name="Metadata", default=None)


class _StageInfo(Struct, gc=False):
    stage_id: Id32 = field(name="Stage ID")
    attempt_id: Id32 = field(name="Stage Attempt ID", default=0)
    name: str = field(name="Stage Name", default="")
    number_of_tasks: Id32 = field(name="Number of Tasks", default=0)
    parent_ids: list[Id32] = field(name="Parent IDs", default_factory=list)
    rdds: list[_Rdd] | _Rdd = field(name="RDD Info", default_factory=list)
    """One, not in a list, in Spark 1.0."""
    resource_profile_id: Id32 = field(name="Resource Profile Id", default=0)
    submission_time: Int64 | None = field(name="Submission Time", default=None)
    completion_time: Int64 | None = field(name="Completion Time", default=None)
    failure_reason: str | None = field(name="Failure Reason", default=None)
    accumulables: list[_Accumulable] = field(name="Accumulables", default_factory=list)


class StageEvent(Struct, gc=False):
    """`SparkListenerStageSubmitted` and `SparkListenerStageCompleted`."""

    info: _StageInfo = field(name="Stage Info")


class _Scope(Struct, gc=False):
    name: str = ""


_scope = msgspec.json.Decoder(_Scope)


def stage_submitted(event: StageEvent, adjusted: Adjustments) -> Rows:
    """The attempt as it was submitted."""
    yield "stages", _stage(event.info, _SUBMITTED, adjusted)


def stage_completed(event: StageEvent, adjusted: Adjustments) -> Rows:
    """The attempt as it ended, and the running totals of its SQL metrics."""
    info = event.info
    yield "stages", _stage(info, _COMPLETED, adjusted)
    for accumulable in info.accumulables:
        if accumulable.metadata == "sql":
            total = _total(accumulable.value, adjusted)
            if total is not None:
                stage, attempt = _int32(info.stage_id, adjusted), _int32(info.attempt_id, adjusted)
                yield "sql_metric_values", (accumulable.accumulator_id, "stage", stage, attempt, -1, total)


def _stage(info: _StageInfo, event_rank: int, adjusted: Adjustments) -> tuple[Any, ...]:
    rdds = info.rdds if isinstance(info.rdds, list) else [info.rdds]
    return (
        info.stage_id,
        info.attempt_id,
        event_rank,
        clean_text(info.name, TEXT_CHARACTERS),
        info.number_of_tasks,
        info.parent_ids,
        [rdd.rdd_id for rdd in rdds],
        [clean_text(rdd.name or "", TEXT_CHARACTERS) for rdd in rdds],
        [_scope_name(rdd.scope) for rdd in rdds],
        [rdd.storage.memory or rdd.storage.disk for rdd in rdds],
        [rdd.cached_partitions for rdd in rdds],
        info.resource_profile_id,
        _time(info.submission_time, "stages.submission_time", adjusted),
        _time(info.completion_time, "stages.completion_time", adjusted),
        clean_text(info.failure_reason or "", TEXT_CHARACTERS),
    )


def _time(value: int | None, column: str, adjusted: Adjustments) -> int | None:
    return None if value is None else time_ms(value, column, adjusted)


def _scope_name(scope: str | None) -> str:
    """The operator's name in `{"id":"4","name":"Exchange","parent":{...}}`, which Spark writes as a text."""
    try:
        return clean_text(_scope.decode(scope).name, TEXT_CHARACTERS) if scope else ""
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return ""


def _total(value: Any, adjusted: Adjustments) -> int | None:
    """A metric's total, which Spark writes as a text; None and counted where it is no whole number."""
    try:
        number = int(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else None
    except ValueError:
        number = None
    if number is None:
        adjusted["sql_metric_values.value"] += 1
        return None
    return clamped(number, INT64_MIN, INT64_MAX, "sql_metric_values.value", adjusted)


def _int32(value: int, adjusted: Adjustments) -> int:
    return clamped(value, 0, _INT32_MAX, "sql_metric_values.stage_id", adjusted)
