"""Which setting decided into how many partitions a shuffle was cut."""

from __future__ import annotations

from analyzer.rules.base import Application, Change, Row

INITIAL = "spark.sql.adaptive.coalescePartitions.initialPartitionNum"
SHUFFLE = "spark.sql.shuffle.partitions"


def more_shuffle_partitions(application: Application, row: Row, wanted: int) -> Change:
    """Cutting the shuffle that a stage reads into `wanted` partitions: by the setting, where it decided the number there is."""
    risk = "more tasks write more, smaller files"
    if row["sql_execution_id"] < 0:
        return Change("cut the shuffle into more partitions", {"spark.default.parallelism": str(wanted)}, risk=risk)
    partitions = application.conf.get(SHUFFLE, "200")
    key = INITIAL if application.adaptive else SHUFFLE
    if application.adaptive:
        partitions = application.conf.get(INITIAL, partitions)
    if partitions.strip() == str(row["task_ends"]):
        return Change("cut the shuffle into more partitions", {key: str(wanted)}, risk=risk)
    return Change(
        f"raise the number of partitions to about {wanted:,} where the code fixes it: a repartition with a number, or a bucketed table",
        effort="medium",
        risk=risk,
    )
