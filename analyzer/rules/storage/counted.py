"""How many bytes the tasks read of a scan, also where Spark did not count them.

From Spark 4.1 on Parquet (1.16 and later) reads column data by Hadoop's vectored reads, whose bytes are counted on threads of a pool and
not on the task's, so that its `Bytes Read` holds little more than footers. `spark.hadoop.parquet.hadoop.vectored.io.enabled=false` switches
counting on again. Records, and the scan's own metrics in the plan, are right either way.

Sources: apache/parquet-java 3128 and 3155; Apache Spark, `FilePartition.getFilePartitions`. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Evidence, Row
from analyzer.rules.parallelism.split_size import MAX_PARTITION_BYTES, OPEN_COST_BYTES

VECTORED = "spark.hadoop.parquet.hadoop.vectored.io.enabled"
MAX_PARTITION, OPEN_COST = "spark.sql.files.maxPartitionBytes", "spark.sql.files.openCostInBytes"
LEAST_COUNTED_SHARE = 0.05
"""Counted bytes over what may have been read: a file system that counts its vectored reads is above, footers of large files are below."""


def split_settings(conf: Mapping[str, str]) -> tuple[int, int]:
    """The most bytes of a split, and what opening a file counts as, in bytes."""
    split, open_cost = (parse_bytes(conf.get(key), bare_unit=1) for key in (MAX_PARTITION, OPEN_COST))
    return split or MAX_PARTITION_BYTES, open_cost or OPEN_COST_BYTES


def uncounted_splits(spark_line: tuple[int, int], conf: Mapping[str, str], scan: Row) -> float:
    """The fewest splits that Spark makes of a scan whose bytes may not have been counted; 0 where they were.

    `scan` has `format`, `read_schema`, `output_rows`, `files` and `size_bytes` as in `file_scans`.
    """
    if spark_line < (4, 1) or conf.get(VECTORED, "true").strip().lower() == "false":
        return 0.0
    # A count asks for no column and reads footers alone, which are counted.
    if scan["format"].lower() != "parquet" or scan["read_schema"] in ("", "struct<>") or scan["output_rows"] <= 0:
        return 0.0
    split, open_cost = split_settings(conf)
    # A split is full without the cost of opening its last file.
    return max(1.0, float(scan["size_bytes"] + scan["files"] * open_cost) / (split + open_cost))


def read_bytes(counted_bytes: float, size_bytes: float, tasks: float, splits: float) -> float:
    """What `tasks` tasks read of a scan of `size_bytes`: what was counted, or where that was not all, the most that it may have been.

    `splits` is that of `uncounted_splits`. The most holds columns and row groups that were skipped; a preview, whose tasks are few of
    the splits, counts as the part that these are.
    """
    if splits <= 0:
        return counted_bytes
    most = size_bytes * min(1.0, tasks / splits)
    return counted_bytes if counted_bytes >= LEAST_COUNTED_SHARE * most else most


def not_counted(at_most_bytes: float) -> Iterable[Evidence]:
    """What tells that bytes were not counted, and how many were read at most; nothing where all were."""
    return (Evidence("not_counted_at_most", round(at_most_bytes), "By"),) if at_most_bytes > 0 else ()
