"""The fields of a task end: table column, path in Spark's JSON, column name in a block line, and type, said once.

Sources: `JsonProtocol.scala` and `ExecutorMetricType.scala` of Apache Spark 1.3 to 4.3.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import pyarrow as pa

UINT32_MAX = 2**32 - 1
INT64_MAX = 2**63 - 1
INT64_MIN = -(2**63)


class Kind(Enum):
    """How a field's values are read and what becomes of a value out of range."""

    ID32 = "identifier of 32 bits: out of range makes the line bad"
    ID64 = "identifier of 63 bits: out of range makes the line bad"
    PARTITION = "-1 or an identifier of 31 bits: out of range makes the line bad"
    COUNTER = "amount, clamped to 0 from below"
    TIME = "milliseconds since 1970, clamped into 1970 to 2100"
    FLAG = "boolean"
    LABEL = "text with few distinct values"


ARROW_TYPES: dict[Kind, pa.DataType] = {
    Kind.ID32: pa.uint32(),
    Kind.ID64: pa.uint64(),
    Kind.PARTITION: pa.int32(),
    Kind.COUNTER: pa.uint64(),
    Kind.FLAG: pa.bool_(),
    Kind.LABEL: pa.dictionary(pa.int32(), pa.string()),
}

RANGES: dict[Kind, tuple[int, int]] = {
    Kind.ID32: (0, UINT32_MAX),
    Kind.ID64: (0, INT64_MAX),
    Kind.PARTITION: (-1, 2**31 - 1),
    Kind.COUNTER: (INT64_MIN, INT64_MAX),
    Kind.TIME: (INT64_MIN, INT64_MAX),
}
"""What a value may be on the wire; counters and times are clamped further afterwards."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a task end. `column` is the table's, or the name of an intermediate value (`launch`, `finish`, ...)."""

    column: str
    path: tuple[str, ...]
    kind: Kind
    required: bool = False
    default: int | None = None

    @property
    def block_column(self) -> str:
        """The name in a block line: Spark's own, without nesting."""
        return self.path[-1]


def _under(*parents: str, **names: str) -> tuple[Field, ...]:
    return tuple(Field(column, (*parents, name), Kind.COUNTER) for column, name in names.items())


_INFO = "Task Info"
_METRICS = "Task Metrics"
_READ = "Shuffle Read Metrics"
_PUSH = "Push Based Shuffle"

EXECUTOR_METRICS = _under(
    "Task Executor Metrics",
    jvm_heap_memory_bytes="JVMHeapMemory",
    jvm_off_heap_memory_bytes="JVMOffHeapMemory",
    on_heap_execution_memory_bytes="OnHeapExecutionMemory",
    off_heap_execution_memory_bytes="OffHeapExecutionMemory",
    on_heap_storage_memory_bytes="OnHeapStorageMemory",
    off_heap_storage_memory_bytes="OffHeapStorageMemory",
    on_heap_unified_memory_bytes="OnHeapUnifiedMemory",
    off_heap_unified_memory_bytes="OffHeapUnifiedMemory",
    direct_pool_memory_bytes="DirectPoolMemory",
    mapped_pool_memory_bytes="MappedPoolMemory",
    process_tree_jvm_virtual_memory_bytes="ProcessTreeJVMVMemory",
    process_tree_jvm_rss_memory_bytes="ProcessTreeJVMRSSMemory",
    process_tree_python_virtual_memory_bytes="ProcessTreePythonVMemory",
    process_tree_python_rss_memory_bytes="ProcessTreePythonRSSMemory",
    process_tree_other_virtual_memory_bytes="ProcessTreeOtherVMemory",
    process_tree_other_rss_memory_bytes="ProcessTreeOtherRSSMemory",
    minor_gc_count="MinorGCCount",
    minor_gc_time_ms="MinorGCTime",
    major_gc_count="MajorGCCount",
    major_gc_time_ms="MajorGCTime",
    total_gc_time_ms="TotalGCTime",
    concurrent_gc_count="ConcurrentGCCount",
    concurrent_gc_time_ms="ConcurrentGCTime",
)
"""Peaks of an executor: in a task end, and under `Executor Metrics` in a stage's."""

TASK_FIELDS: tuple[Field, ...] = (
    Field("stage_id", ("Stage ID",), Kind.ID32, required=True),
    Field("stage_attempt_id", ("Stage Attempt ID",), Kind.ID32),
    Field("task_type", ("Task Type",), Kind.LABEL),
    Field("task_id", (_INFO, "Task ID"), Kind.ID64, required=True),
    Field("task_index", (_INFO, "Index"), Kind.ID32),
    Field("task_attempt", (_INFO, "Attempt"), Kind.ID32),
    Field("partition_id", (_INFO, "Partition ID"), Kind.PARTITION, default=-1),
    Field("launch", (_INFO, "Launch Time"), Kind.TIME, required=True),
    Field("finish", (_INFO, "Finish Time"), Kind.TIME),
    Field("getting_result", (_INFO, "Getting Result Time"), Kind.TIME),
    Field("executor_id", (_INFO, "Executor ID"), Kind.LABEL),
    Field("host", (_INFO, "Host"), Kind.LABEL),
    Field("locality", (_INFO, "Locality"), Kind.LABEL),
    Field("speculative", (_INFO, "Speculative"), Kind.FLAG),
    *_under(
        _METRICS,
        executor_deserialize_time_ms="Executor Deserialize Time",
        executor_deserialize_cpu_time_ns="Executor Deserialize CPU Time",
        executor_run_time_ms="Executor Run Time",
        executor_cpu_time_ns="Executor CPU Time",
        result_size_bytes="Result Size",
        jvm_gc_time_ms="JVM GC Time",
        result_serialization_time_ms="Result Serialization Time",
        memory_bytes_spilled="Memory Bytes Spilled",
        disk_bytes_spilled="Disk Bytes Spilled",
        peak_execution_memory_bytes="Peak Execution Memory",
        peak_on_heap_execution_memory_bytes="Peak On Heap Execution Memory",
        peak_off_heap_execution_memory_bytes="Peak Off Heap Execution Memory",
    ),
    *_under(_METRICS, "Input Metrics", input_bytes_read="Bytes Read", input_records_read="Records Read"),
    *_under(_METRICS, "Output Metrics", output_bytes_written="Bytes Written", output_records_written="Records Written"),
    *_under(
        _METRICS,
        _READ,
        shuffle_remote_blocks_fetched="Remote Blocks Fetched",
        shuffle_local_blocks_fetched="Local Blocks Fetched",
        shuffle_fetch_wait_time_ms="Fetch Wait Time",
        shuffle_remote_bytes_read="Remote Bytes Read",
        shuffle_remote_bytes_read_to_disk="Remote Bytes Read To Disk",
        shuffle_local_bytes_read="Local Bytes Read",
        shuffle_records_read="Total Records Read",
        shuffle_remote_requests_duration_ms="Remote Requests Duration",
    ),
    *_under(
        _METRICS,
        _READ,
        _PUSH,
        shuffle_corrupt_merged_block_chunks="Corrupt Merged Block Chunks",
        shuffle_merged_fetch_fallback_count="Merged Fetch Fallback Count",
        shuffle_merged_remote_blocks_fetched="Merged Remote Blocks Fetched",
        shuffle_merged_local_blocks_fetched="Merged Local Blocks Fetched",
        shuffle_merged_remote_chunks_fetched="Merged Remote Chunks Fetched",
        shuffle_merged_local_chunks_fetched="Merged Local Chunks Fetched",
        shuffle_merged_remote_bytes_read="Merged Remote Bytes Read",
        shuffle_merged_local_bytes_read="Merged Local Bytes Read",
        shuffle_merged_remote_requests_duration_ms="Merged Remote Requests Duration",
    ),
    *_under(
        _METRICS,
        "Shuffle Write Metrics",
        shuffle_bytes_written="Shuffle Bytes Written",
        shuffle_write_time_ns="Shuffle Write Time",
        shuffle_records_written="Shuffle Records Written",
    ),
    *EXECUTOR_METRICS,
)

REASON = "Reason"
ERROR = "Error"
METRICS_MISSING = "Metrics Missing"
METRICS_PATH = _METRICS
"""Columns of a block line that are no field of Spark's, and the object whose absence `Metrics Missing` states."""
