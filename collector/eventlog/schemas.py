"""Arrow schemas of the raw tables, column by column as the migrations declare them, without `received_at`.

`LowCardinality(String)` and enums travel as dictionaries, `Map` as an Arrow map.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import pyarrow as pa

from collector.eventlog.fields import ARROW_TYPES, EXECUTOR_METRICS, TASK_FIELDS, Kind
from collector.eventlog.identity import Identity
from collector.eventlog.measurements import SAMPLE_FIELDS

LABEL = ARROW_TYPES[Kind.LABEL]
TIME = pa.timestamp("ms", "UTC")
TEXT = pa.string()
U8, U32, U64, I32, I64 = pa.uint8(), pa.uint32(), pa.uint64(), pa.int32(), pa.int64()


def _schema(app_id: pa.DataType = LABEL, **columns: pa.DataType) -> pa.Schema:
    return pa.schema([("app_id", app_id), ("attempt_id", LABEL), *columns.items()])


_TASK_HEAD = {
    "stage_id": U32,
    "stage_attempt_id": U32,
    "task_id": U64,
    "end_reason": LABEL,
    "status": LABEL,
    "error": TEXT,
    "task_type": LABEL,
    "task_index": U32,
    "task_attempt": U32,
    "partition_id": I32,
    "executor_id": LABEL,
    "host": LABEL,
    "locality": LABEL,
    "speculative": pa.bool_(),
    "launch_time": TIME,
    "duration_ms": U64,
    "getting_result_ms": U64,
    "has_metrics": pa.bool_(),
}

SCHEMAS: dict[str, pa.Schema] = {
    "applications": _schema(TEXT, event=LABEL, time=TIME, name=TEXT, user=LABEL, spark_version=LABEL, exit_code=I32),
    "environment": _schema(section=LABEL, key=LABEL, value=TEXT),
    "resource_profiles": _schema(
        resource_profile_id=U32,
        executor_cores=U32,
        executor_memory_bytes=U64,
        executor_memory_overhead_bytes=U64,
        executor_off_heap_bytes=U64,
        executor_pyspark_memory_bytes=U64,
        task_cpus=pa.float64(),
    ),
    "executors": _schema(
        executor_id=LABEL, event=LABEL, time=TIME, host=LABEL, total_cores=U32, resource_profile_id=U32, removed_reason=TEXT
    ),
    "jobs": _schema(
        job_id=U32,
        event=LABEL,
        time=TIME,
        stage_ids=pa.list_(U32),
        sql_execution_id=I64,
        sql_root_execution_id=I64,
        job_group=TEXT,
        description=TEXT,
        pool=LABEL,
        tags=TEXT,
        streaming_query_id=TEXT,
        streaming_batch_id=I64,
        result=LABEL,
        error=TEXT,
    ),
    "stages": _schema(
        stage_id=U32,
        stage_attempt_id=U32,
        event_rank=U8,
        name=TEXT,
        number_of_tasks=U32,
        parent_ids=pa.list_(U32),
        rdd_ids=pa.list_(U32),
        rdd_names=pa.list_(TEXT),
        rdd_scopes=pa.list_(TEXT),
        rdd_cached=pa.list_(pa.bool_()),
        rdd_cached_partitions=pa.list_(U32),
        resource_profile_id=U32,
        submission_time=TIME,
        completion_time=TIME,
        failure_reason=TEXT,
    ),
    "tasks": _schema(**_TASK_HEAD, **{f.column: ARROW_TYPES[f.kind] for f in TASK_FIELDS if f.kind is Kind.COUNTER}),
    "stage_executor_peaks": _schema(stage_id=U32, stage_attempt_id=U32, executor_id=LABEL, **{f.column: U64 for f in EXECUTOR_METRICS}),
    "sql_executions": _schema(execution_id=I64, event=LABEL, time=TIME, root_execution_id=I64, description=TEXT, error=TEXT),
    "sql_plan_nodes": _schema(
        execution_id=I64,
        plan_order=I64,
        plan_hash=U64,
        node_id=U32,
        parent_id=I32,
        name=LABEL,
        simple_string=TEXT,
        metadata=pa.map_(TEXT, TEXT),
        accumulator_ids=pa.list_(I64),
    ),
    "sql_metrics": _schema(execution_id=I64, accumulator_id=I64, name=LABEL, metric_type=LABEL),
    "storage_io": _schema(executor_id=LABEL, time=TIME, scheme=LABEL, bucket=LABEL, metric=LABEL, value=I64),
    "stage_io": _schema(executor_id=LABEL, stage_id=U32, stage_attempt_id=U32, metric=LABEL, value=I64),
    "executor_samples": _schema(
        executor_id=LABEL, time=TIME, **{name: U32 if name == "child_processes" else U64 for name in SAMPLE_FIELDS}
    ),
    "executor_places": _schema(executor_id=LABEL, provider=LABEL, instance_type=LABEL, zone=LABEL, life_cycle=LABEL),
    "ingest_batches": _schema(
        source=LABEL,
        batch_id=TEXT,
        seq=U64,
        events=U64,
        bad_lines=U64,
        unknown_events=U64,
        dropped_events=U64,
        body_bytes=U64,
        path=TEXT,
        complete=pa.bool_(),
        first_error=TEXT,
        counted_events=pa.map_(TEXT, U64),
        malformed_lines=U64,
        last_line_cut=pa.bool_(),
        stream_errors=pa.list_(TEXT),
        codecs=pa.map_(TEXT, U64),
        stored_bytes=U64,
    ),
    "sql_metric_values": _schema(accumulator_id=I64, source=LABEL, stage_id=I32, stage_attempt_id=I32, execution_id=I64, value=I64),
}


def table_of(name: str, identity: Identity, rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    """A table from rows that hold every column of `SCHEMAS[name]` but the identity."""
    schema = SCHEMAS[name]
    columns = zip(*rows, strict=True) if rows else ([] for _ in schema.names[2:])
    arrays = (pa.array(values, kind) for values, kind in zip(columns, schema.types[2:], strict=True))
    return with_identity(name, identity, len(rows), dict(zip(schema.names[2:], arrays, strict=True)))


def with_identity(name: str, identity: Identity, count: int, columns: dict[str, pa.Array]) -> pa.Table:
    """A table of `count` rows from its columns without the identity, in the order of the schema."""
    schema = SCHEMAS[name]
    known = {"app_id": _constant(identity.app_id, count, schema), "attempt_id": _constant(identity.attempt_id, count)}
    return pa.Table.from_arrays([known.get(column, columns.get(column)) for column in schema.names], schema=schema)


def constant_label(value: str, count: int) -> pa.DictionaryArray:
    """`count` times one text, as a dictionary of one entry."""
    return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array([value], pa.string()))


def concatenated(tables: Iterable[pa.Table]) -> pa.Table:
    """Tables of one schema as one, with one dictionary a column."""
    return pa.concat_tables(tables).unify_dictionaries().combine_chunks()


def _constant(value: str, count: int, schema: pa.Schema | None = None) -> pa.Array:
    if schema is not None and schema.field("app_id").type == TEXT:
        return pa.repeat(pa.scalar(value, TEXT), count)
    return constant_label(value, count)
