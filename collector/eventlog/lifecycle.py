"""Application, environment, executors and resource profiles."""

from __future__ import annotations

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from collector.eventlog.fields import EXECUTOR_METRICS, INT64_MAX, UINT32_MAX
from collector.eventlog.identity import ApplicationStart
from collector.eventlog.redaction import clean_text, kept_properties
from collector.eventlog.rows import Rows, text_of
from collector.eventlog.task_ends import struct_for
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, Id32, Int64, amount, clamped, time_ms

_JVM_PROPERTIES = ("Java Home", "Java Version", "Scala Version")
_MIB = 1024 * 1024


class LogStart(Struct, gc=False):
    """`SparkListenerLogStart` (Spark 1.3 and later), and Databricks' `DBCEventLoggingListenerMetadata`."""

    spark_version: str = field(name="Spark Version", default="")


class ApplicationEnd(Struct, gc=False):
    """`SparkListenerApplicationEnd`; `ExitCode` since Spark 4.0."""

    time: Int64 = field(name="Timestamp", default=0)
    exit_code: Annotated[int, Meta(ge=-(2**31), le=2**31 - 1)] | None = field(name="ExitCode", default=None)


class EnvironmentUpdate(Struct, gc=False):
    """`SparkListenerEnvironmentUpdate`; the classpath and the system's properties are never read."""

    jvm: dict[str, Any] = field(name="JVM Information", default_factory=dict)
    spark: dict[str, Any] = field(name="Spark Properties", default_factory=dict)


class Platform(Struct, gc=False):
    """`SparkledgerPlatform`: what the driver's environment says of the run, such as an EMR step or an Airflow task."""

    properties: dict[str, Any] = field(name="Properties", default_factory=dict)


class ExecutorInfo(Struct, gc=False):
    """`Executor Info`."""

    host: str = field(name="Host", default="")
    total_cores: Id32 = field(name="Total Cores", default=0)
    resource_profile_id: Id32 = field(name="Resource Profile Id", default=0)


class ExecutorAdded(Struct, gc=False):
    """`SparkListenerExecutorAdded`."""

    executor_id: str = field(name="Executor ID")
    time: Int64 = field(name="Timestamp", default=0)
    info: ExecutorInfo = field(name="Executor Info", default_factory=ExecutorInfo)


class ExecutorRemoved(Struct, gc=False):
    """`SparkListenerExecutorRemoved`."""

    executor_id: str = field(name="Executor ID")
    time: Int64 = field(name="Timestamp", default=0)
    reason: str | None = field(name="Removed Reason", default=None)


class _Amount(Struct, gc=False):
    amount: float = field(name="Amount", default=0)


class ResourceProfileAdded(Struct, gc=False):
    """`SparkListenerResourceProfileAdded`; executor memory is in MiB."""

    profile_id: Id32 = field(name="Resource Profile Id")
    executor: dict[str, _Amount] = field(name="Executor Resource Requests", default_factory=dict)
    task: dict[str, _Amount] = field(name="Task Resource Requests", default_factory=dict)


class StageExecutorMetrics(Struct, gc=False):
    """`SparkListenerStageExecutorMetrics`."""

    executor_id: str = field(name="Executor ID")
    stage_id: Id32 = field(name="Stage ID")
    stage_attempt_id: Id32 = field(name="Stage Attempt ID", default=0)
    metrics: struct_for(EXECUTOR_METRICS, EXECUTOR_METRICS[0].path[:-1]) = field(name="Executor Metrics", default=None)  # type: ignore[valid-type]


def log_start(event: LogStart, _: Adjustments) -> Rows:
    """The version of Spark; the event has no time, so 1970 stands for it."""
    yield "applications", ("log_start", 0, "", "", event.spark_version, None)


def application_start(event: ApplicationStart, adjusted: Adjustments) -> Rows:
    """Name, user and start."""
    name = clean_text(event.name or "", TEXT_CHARACTERS)
    yield "applications", ("start", time_ms(event.time, "applications.time", adjusted), name, event.user or "", "", None)


def application_end(event: ApplicationEnd, adjusted: Adjustments) -> Rows:
    """End and exit code."""
    yield "applications", ("end", time_ms(event.time, "applications.time", adjusted), "", "", "", event.exit_code)


def environment_update(event: EnvironmentUpdate, _: Adjustments) -> Rows:
    """The JVM, and the Spark properties that pass the allow-list, redacted."""
    for key in _JVM_PROPERTIES:
        if key in event.jvm:
            yield "environment", ("jvm", key, text_of(event.jvm[key]))
    texts = {key: text_of(value) for key, value in event.spark.items()}
    for key, value in kept_properties(texts).items():
        yield "environment", ("spark", key, value)


def platform(event: Platform, _: Adjustments) -> Rows:
    """The names that the listener's allow-list lets out."""
    for key, value in event.properties.items():
        yield "environment", ("platform", clean_text(key, TEXT_CHARACTERS), clean_text(text_of(value), TEXT_CHARACTERS))


def executor_added(event: ExecutorAdded, adjusted: Adjustments) -> Rows:
    """Host and cores."""
    info = event.info
    time = time_ms(event.time, "executors.time", adjusted)
    yield "executors", (event.executor_id, "added", time, info.host, info.total_cores, info.resource_profile_id, "")


def executor_removed(event: ExecutorRemoved, adjusted: Adjustments) -> Rows:
    """Why it went."""
    time = time_ms(event.time, "executors.time", adjusted)
    yield "executors", (event.executor_id, "removed", time, "", 0, 0, clean_text(event.reason or "", TEXT_CHARACTERS))


def resource_profile_added(event: ResourceProfileAdded, adjusted: Adjustments) -> Rows:
    """What one executor and one task of the profile ask for; a task that names no cpus takes Spark's default of 1."""
    memory = [
        clamped(int(_amount(event.executor, name) * _MIB), 0, INT64_MAX, f"resource_profiles.{column}", adjusted)
        for name, column in (
            ("memory", "executor_memory_bytes"),
            ("memoryOverhead", "executor_memory_overhead_bytes"),
            ("offHeap", "executor_off_heap_bytes"),
            ("pyspark.memory", "executor_pyspark_memory_bytes"),
        )
    ]
    cores = clamped(int(_amount(event.executor, "cores")), 0, UINT32_MAX, "resource_profiles.executor_cores", adjusted)
    yield "resource_profiles", (event.profile_id, cores, *memory, _amount(event.task, "cpus", 1.0))


def stage_executor_metrics(event: StageExecutorMetrics, adjusted: Adjustments) -> Rows:
    """Peaks of one executor while the stage ran."""
    peaks = (getattr(event.metrics, f.column, 0) for f in EXECUTOR_METRICS)
    counted = (amount(peak, f"stage_executor_peaks.{f.column}", adjusted) for peak, f in zip(peaks, EXECUTOR_METRICS, strict=True))
    yield "stage_executor_peaks", (event.stage_id, event.stage_attempt_id, event.executor_id, *counted)


def _amount(requests: dict[str, _Amount], name: str, default: float = 0.0) -> float:
    request = requests.get(name)
    return default if request is None else request.amount
