"""What the plugin measures: file systems by process and by stage, memory and CPU, and the machine.

Totals are running ones and every row has a natural key, so that a line may come late, twice or not at all.
"""

from __future__ import annotations

from msgspec import Struct, defstruct, field

from collector.eventlog.fields import UINT32_MAX
from collector.eventlog.redaction import clean_text
from collector.eventlog.rows import Rows
from collector.eventlog.values import Adjustments, Id32, Int64, amount, clamped, time_ms

MAX_NAME_CHARACTERS = 80
PLACE_CHARACTERS = 255
TASKS = "tasks"

SAMPLE_FIELDS = {
    "jvm_heap_used_bytes": "JVM Heap Used",
    "jvm_heap_committed_bytes": "JVM Heap Committed",
    "jvm_heap_max_bytes": "JVM Heap Max",
    "jvm_heap_after_gc_bytes": "JVM Heap After GC",
    "jvm_non_heap_used_bytes": "JVM Non Heap Used",
    "direct_buffers_bytes": "Direct Buffers",
    "gc_count": "GC Count",
    "gc_time_ms": "GC Time",
    "process_cpu_time_ns": "Process CPU Time",
    "process_rss_bytes": "Process RSS",
    "process_peak_rss_bytes": "Process Peak RSS",
    "child_processes": "Child Processes",
    "child_rss_bytes": "Child RSS",
    "cgroup_memory_bytes": "Cgroup Memory",
    "cgroup_peak_memory_bytes": "Cgroup Peak Memory",
    "cgroup_memory_limit_bytes": "Cgroup Memory Limit",
    "cgroup_working_set_bytes": "Cgroup Working Set",
    "cgroup_oom_kills": "Cgroup OOM Kills",
    "cgroup_cpu_time_ns": "Cgroup CPU Time",
    "cgroup_cpu_periods": "Cgroup CPU Periods",
    "cgroup_throttled_periods": "Cgroup Throttled Periods",
    "cgroup_throttled_time_ns": "Cgroup Throttled Time",
}
"""Columns of `executor_samples` and their names on the wire."""


class StorageIO(Struct, gc=False):
    """`SparkledgerStorageIO`: running totals of one file system in one process."""

    executor_id: str = field(name="Executor ID")
    time: Int64 = field(name="Timestamp")
    scheme: str = field(name="Scheme", default="")
    bucket: str = field(name="Bucket", default="")
    counters: dict[str, Int64] = field(name="Counters", default_factory=dict)


class StageIO(Struct, gc=False):
    """`SparkledgerStageIO`: running totals of a stage attempt's tasks in one executor."""

    executor_id: str = field(name="Executor ID")
    stage_id: Id32 = field(name="Stage ID")
    stage_attempt_id: Id32 = field(name="Stage Attempt ID", default=0)
    tasks: Int64 = field(name="Tasks", default=0)
    counters: dict[str, Int64] = field(name="Counters", default_factory=dict)


class ExecutorPlace(Struct, gc=False):
    """`SparkledgerExecutorPlace`: the machine of one process."""

    executor_id: str = field(name="Executor ID")
    provider: str = field(name="Provider", default="")
    instance_type: str = field(name="Instance Type", default="")
    zone: str = field(name="Availability Zone", default="")
    life_cycle: str = field(name="Life Cycle", default="")


ExecutorSample = defstruct(
    "ExecutorSample",
    [
        ("executor_id", str, field(name="Executor ID")),
        ("time", Int64, field(name="Timestamp")),
        *((column, Int64, field(name=name, default=0)) for column, name in SAMPLE_FIELDS.items()),
    ],
    gc=False,
)
"""`SparkledgerExecutorSample`: memory and CPU of one process at one moment."""


def storage_io(event: StorageIO, adjusted: Adjustments) -> Rows:
    """One row a counter."""
    time = time_ms(event.time, "storage_io.time", adjusted)
    place = (clean_text(event.scheme, MAX_NAME_CHARACTERS), clean_text(event.bucket, PLACE_CHARACTERS))
    for name, value in event.counters.items():
        yield "storage_io", (event.executor_id, time, *place, name[:MAX_NAME_CHARACTERS], amount(value, "storage_io.value", adjusted))


def stage_io(event: StageIO, adjusted: Adjustments) -> Rows:
    """One row a counter, and one for the tasks that they cover."""
    for name, value in {TASKS: event.tasks, **event.counters}.items():
        counted = amount(value, "stage_io.value", adjusted)
        yield "stage_io", (event.executor_id, event.stage_id, event.stage_attempt_id, name[:MAX_NAME_CHARACTERS], counted)


def executor_sample(event: ExecutorSample, adjusted: Adjustments) -> Rows:  # type: ignore[valid-type]
    """One row."""
    time = time_ms(event.time, "executor_samples.time", adjusted)  # type: ignore[attr-defined]
    values = {name: amount(getattr(event, name), f"executor_samples.{name}", adjusted) for name in SAMPLE_FIELDS}
    values["child_processes"] = clamped(values["child_processes"], 0, UINT32_MAX, "executor_samples.child_processes", adjusted)
    yield "executor_samples", (event.executor_id, time, *values.values())  # type: ignore[attr-defined]


def executor_place(event: ExecutorPlace, _: Adjustments) -> Rows:
    """One row."""
    words = (event.provider, event.instance_type, event.zone, event.life_cycle)
    yield "executor_places", (event.executor_id, *(clean_text(word, MAX_NAME_CHARACTERS) for word in words))
