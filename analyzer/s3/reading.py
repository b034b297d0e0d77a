"""Reading what an application did to S3 out of the store."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from analyzer.profiles.application import Header
from analyzer.rules.base import spark_line_of
from analyzer.rules.storage.counted import uncounted_splits
from analyzer.rules.storage.places import place_of
from analyzer.rules.storage.wide_scan import columns_of
from analyzer.s3.accesses import Access, Stage, StageKey
from analyzer.s3.requests import Bucket, CountedStage
from analyzer.s3.use import S3Use, s3_use
from collector.storage import Store, load_sql


def read_s3_use(
    store: Store,
    header: Header,
    counted: Mapping[StageKey, CountedStage],
    buckets: Sequence[Bucket],
    task_cpus: int,
) -> S3Use:
    """S3 of one application attempt; stage profiles must be there, as an analysis leaves them.

    Args:
        counted, buckets: what the plugin counted, both empty where there was none.
        task_cpus: cores that a task holds.
    """
    key = {"app_id": header.app_id, "attempt_id": header.attempt_id}
    return s3_use(_stages(store, key), [*_scans(store, header, key), *_writes(store, key)], counted, buckets, task_cpus)


def _stages(store: Store, key: Mapping[str, str]) -> list[Stage]:
    return [
        Stage(
            key=(row["stage_id"], row["stage_attempt_id"]),
            name=row["name"],
            tasks=row["tasks"],
            wait_ms=row["wait_ms"],
            input_bytes=row["input_bytes"],
            output_bytes=row["output_bytes"],
            sql_execution_id=row["sql_execution_id"],
            path=place_of(row["path"]) if row["path"] else "",
            reads_files=bool(row["reads_files"]),
        )
        for row in store.rows(load_sql(__file__, "stages"), key)
    ]


def _scans(store: Store, header: Header, key: Mapping[str, str]) -> list[Access]:
    spark_line = spark_line_of(header.spark_version)
    return [
        Access(
            place=place_of(row["location"]),
            writes=False,
            execution_id=row["execution_id"],
            files=row["files"],
            size_bytes=row["size_bytes"],
            partitions=row["partitions"],
            file_format=row["format"],
            columns=columns_of(row["read_schema"]),
            stages=tuple((stage_id, attempt) for stage_id, attempt in row["stages"]),
            uncounted_splits=uncounted_splits(spark_line, header.conf, row),
        )
        for row in store.rows(load_sql(__file__, "scans"), key)
    ]


def _writes(store: Store, key: Mapping[str, str]) -> list[Access]:
    return [
        Access(
            place=place_of(row["target"]),
            writes=True,
            execution_id=row["execution_id"],
            files=row["files"],
            size_bytes=row["size_bytes"],
            partitions=row["partitions"],
        )
        for row in store.rows(load_sql(__file__, "writes"), key)
    ]
