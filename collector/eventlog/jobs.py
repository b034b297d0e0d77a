"""Jobs."""

from __future__ import annotations

from typing import Any

from msgspec import Struct, field

from collector.eventlog.fields import INT64_MAX, INT64_MIN
from collector.eventlog.redaction import clean_text
from collector.eventlog.rows import Rows, int_of, text_of
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, Id32, Int64, clamped, time_ms

DATABRICKS_KEYS = (
    "spark.databricks.job.id",
    "spark.databricks.job.runId",
    "spark.databricks.job.parentRunId",
    "spark.databricks.job.type",
    "spark.databricks.notebook.path",
)
"""What Databricks says of the workload; it is in no event of the application, so each job's start repeats it."""


class _StageOfJob(Struct, gc=False):
    stage_id: Id32 = field(name="Stage ID")


class JobStart(Struct, gc=False):
    """`SparkListenerJobStart`; `Stage IDs` and `Stage Infos` name the same stages, skipped ones included."""

    job_id: Id32 = field(name="Job ID")
    time: Int64 = field(name="Submission Time", default=0)
    stage_ids: list[Id32] | None = field(name="Stage IDs", default=None)
    stages: list[_StageOfJob] = field(name="Stage Infos", default_factory=list)
    properties: dict[str, Any] | None = field(name="Properties", default=None)


class _Failure(Struct, gc=False):
    message: str | None = field(name="Message", default=None)


class _JobResult(Struct, gc=False):
    result: str = field(name="Result", default="")
    exception: _Failure | None = field(name="Exception", default=None)


class JobEnd(Struct, gc=False):
    """`SparkListenerJobEnd`."""

    job_id: Id32 = field(name="Job ID")
    time: Int64 = field(name="Completion Time", default=0)
    result: _JobResult = field(name="Job Result", default_factory=_JobResult)


def job_start(event: JobStart, adjusted: Adjustments) -> Rows:
    """What the job, and on Databricks the application, is part of, by Spark's local properties."""
    properties = event.properties or {}
    stage_ids = event.stage_ids if event.stage_ids is not None else [stage.stage_id for stage in event.stages]
    yield (
        "jobs",
        (
            event.job_id,
            "start",
            time_ms(event.time, "jobs.time", adjusted),
            stage_ids,
            _id(properties, "spark.sql.execution.id", "sql_execution_id", adjusted),
            _id(properties, "spark.sql.execution.root.id", "sql_root_execution_id", adjusted),
            _text(properties, "spark.jobGroup.id"),
            _text(properties, "spark.job.description"),
            _text(properties, "spark.scheduler.pool"),
            _text(properties, "spark.job.tags"),
            text_of(properties.get("sql.streaming.queryId")),
            _id(properties, "streaming.sql.batchId", "streaming_batch_id", adjusted),
            "",
            "",
        ),
    )
    for key in DATABRICKS_KEYS:
        if key in properties:
            yield "environment", ("platform", key, _text(properties, key))


def job_end(event: JobEnd, adjusted: Adjustments) -> Rows:
    """How the job ended."""
    message = event.result.exception.message if event.result.exception else None
    error = clean_text(message or "", TEXT_CHARACTERS)
    time = time_ms(event.time, "jobs.time", adjusted)
    yield "jobs", (event.job_id, "end", time, [], -1, -1, "", "", "", "", "", -1, event.result.result, error)


def _id(properties: dict[str, Any], key: str, column: str, adjusted: Adjustments) -> int:
    return clamped(int_of(properties.get(key), -1), INT64_MIN, INT64_MAX, f"jobs.{column}", adjusted)


def _text(properties: dict[str, Any], key: str) -> str:
    return clean_text(text_of(properties.get(key)), TEXT_CHARACTERS)
