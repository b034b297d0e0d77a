"""A stage spills to disk.

## What it does
Looks for stages whose tasks wrote sort, aggregation or join data to local disk because memory did not hold it.

## Why it costs
Spilled data is serialised, compressed, written and read again within the task, while its slot is paid for.

## How it is measured
`Disk Bytes Spilled` of task ends (bytes as written, compressed) against input + shuffle read. The events do not say how
long the writing and reading took, so no saving is claimed. Where less than a fifth of the tasks spill, the cause is
`skew`; where most do, `volume`.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A sort of 800 GiB in 200 partitions: every task holds 4 GiB, has 1.5 GiB of execution memory and spills 2.2 GiB; 440 GiB
in all.

## What to change
More partitions, so that each fits (adaptive execution takes the advisory partition size); then fewer cores or more
memory an executor. More partitions cost scheduling and smaller files; a skewed partition does not get smaller by it.

## When to ignore
A few spilling tasks that do not delay the stage.

## Sources
Apache Spark, tuning guide (memory). Floors of 256 MiB and 1 %: sparkforensics, spark-advisor. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds

RULE = Rule(
    code="MEM001",
    category="memory",
    since="0.1",
    yields_to=("PAR002",),
    explained_by=("MEM003",),
    thresholds=(
        Threshold("min_spilled_bytes", 256 << 20, "By", "sparkforensics", "less is written in a moment"),
        Threshold("min_share_of_read", 0.01, "1", "spark-advisor", "disk spill over input and shuffle read"),
        Threshold("min_task_share", 0.02, "1", "sparkledger", "task time of the stage over all: a smaller stage is not worth a change"),
        Threshold("medium_share_of_read", 0.5, "1", "Dr. Elephant", "spill of half of what was read is a sizing fault"),
        Threshold("skewed_task_share", 0.2, "1", "sparkforensics", "spilling tasks over all: fewer means few large partitions"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage that spilled enough."""
    for row in rows:
        share = row["disk_bytes"] / row["read_bytes"] if row["read_bytes"] else 1.0
        task_share = row["task_ms"] * application.task_cpus / max(1, application.busy_core_ms)
        if row["disk_bytes"] < thresholds["min_spilled_bytes"] or share < thresholds["min_share_of_read"]:
            continue
        if task_share < thresholds["min_task_share"]:
            continue
        skewed = row["spilling_tasks"] < thresholds["skewed_task_share"] * row["tasks"]
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=Severity.MEDIUM if share >= thresholds["medium_share_of_read"] and not skewed else Severity.LOW,
            title=(
                f"{row['spilling_tasks']:,} of {row['tasks']:,} tasks spilled {figures.size(row['disk_bytes'])} to disk"
                + (f", {figures.share(share)} of what the stage read" if row["read_bytes"] else "")
            ),
            evidence=(
                Evidence("disk_spilled", row["disk_bytes"], "By"),
                Evidence("memory_spilled", row["memory_bytes"], "By"),
                Evidence("read", row["read_bytes"], "By"),
                Evidence("spilling_tasks", row["spilling_tasks"], "{task}"),
                Evidence("tasks", row["tasks"], "{task}"),
                Evidence("largest_spill", row["largest_spill_bytes"], "By"),
                Evidence("stage_task_time", row["task_ms"] / 1000, "s"),
            ),
            saving=None,
            change=_change(application, row, skewed=skewed),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            causes=("skew",) if skewed else ("volume",),
        )


def _change(application: Application, row: Row, *, skewed: bool) -> Change:
    if skewed:
        return Change("split the few large partitions: skew join handling or a salted key", effort="medium")
    partitions = application.conf.get("spark.sql.shuffle.partitions", "200")
    key = "spark.sql.shuffle.partitions"
    if application.merges_partitions:
        key = "spark.sql.adaptive.coalescePartitions.initialPartitionNum"
        partitions = application.conf.get(key, partitions)
    if row["sql_execution_id"] >= 0 and partitions.strip() == str(row["tasks"]):
        return Change(
            "cut the shuffle into twice as many partitions",
            {key: str(int(partitions) * 2)},
            risk="all shuffles of the job get as many partitions"
            + ("; adaptive execution merges small ones" if application.merges_partitions else ""),
        )
    return Change("cut the stage into more partitions, or give each task more memory (fewer cores an executor)", effort="medium")
