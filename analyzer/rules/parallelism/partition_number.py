"""Which setting decided into how many partitions a shuffle was cut."""

from __future__ import annotations

from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Application, Change, Row

INITIAL = "spark.sql.adaptive.coalescePartitions.initialPartitionNum"
SHUFFLE = "spark.sql.shuffle.partitions"
ADVISORY = "spark.sql.adaptive.advisoryPartitionSizeInBytes"
ADVISORY_BYTES = 64 << 20
"""Spark's default of it."""


def more_shuffle_partitions(application: Application, row: Row, wanted: int) -> Change:
    """Cutting the shuffle that a stage reads into `wanted` partitions: by the setting, where it decided the number there is."""
    risk = "more tasks write more, smaller files"
    if row["sql_execution_id"] < 0:
        return Change("cut the shuffle into more partitions", {"spark.default.parallelism": str(wanted)}, risk=risk)
    advisory = parse_bytes(application.conf.get(ADVISORY), bare_unit=1) or ADVISORY_BYTES
    if application.merges_partitions and advisory > 2 * ADVISORY_BYTES and row["p50_shuffle_bytes"] >= advisory // 2:
        return Change("let adaptive execution merge partitions up to a smaller size", {ADVISORY: str(ADVISORY_BYTES)}, risk=risk)
    partitions = application.conf.get(SHUFFLE, "200")
    key = INITIAL if application.merges_partitions else SHUFFLE
    if application.merges_partitions:
        partitions = application.conf.get(INITIAL, partitions)
    if partitions.strip() == str(row["task_ends"]):
        return Change("cut the shuffle into more partitions", {key: str(wanted)}, risk=risk)
    return Change(
        f"raise the number of partitions to about {wanted:,} where the code fixes it: a repartition with a number, or a bucketed table",
        effort="medium",
        risk=risk,
    )
