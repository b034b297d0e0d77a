"""How large Spark makes the splits of a file scan."""

from __future__ import annotations

MIB = 1 << 20
MAX_PARTITION_BYTES = 128 * MIB
"""Spark's default of `spark.sql.files.maxPartitionBytes`."""
OPEN_COST_BYTES = 4 * MIB
"""Spark's default of `spark.sql.files.openCostInBytes`."""


def split_bytes(size_bytes: float, files: float, parallelism: float, max_partition_bytes: float, open_cost_bytes: float) -> float:
    """The most bytes of a split: what a core gets of all files, but no more than the configured maximum and no less than the open cost.

    Source: Apache Spark, `FilePartition.maxSplitBytes`; parallelism is `spark.sql.files.minPartitionNum`, else the default
    parallelism, which is all cores of the application.
    """
    a_core_bytes = (size_bytes + files * open_cost_bytes) / max(1.0, parallelism)
    return min(max_partition_bytes, max(open_cost_bytes, a_core_bytes))


def parallelism_for(size_bytes: float, files: float, wanted_bytes: float, open_cost_bytes: float) -> int:
    """The greatest parallelism that still makes splits of `wanted_bytes`, one at least."""
    return max(1, int((size_bytes + files * open_cost_bytes) // wanted_bytes))
