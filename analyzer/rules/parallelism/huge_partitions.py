"""The typical task of a stage handles a very large partition.

## What it does
Looks for stages whose median task reads a gibibyte or more, or half of it and spills.

## Why it costs
Large partitions do not fit the memory of a task: they are sorted in pieces on disk, collected for, or end in an
executor that dies; a task that is lost takes its whole time along. No saving is claimed: what spilling and retries cost
differs by job.

## How it is measured
Median of input bytes, and of remote + local shuffle bytes, over successful tasks (`SparkListenerTaskEnd`). Skew is left
to SKW001 and SKW002, which look at the largest. Blind to input whose bytes are not counted, as those of Parquet from
Spark 4.1 on: `spark.hadoop.parquet.hadoop.vectored.io.enabled=false` switches counting on again.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A join of 1.2 TiB over 200 shuffle partitions: 6 GiB a task, every task spills 9 GiB, the median takes 14 minutes.

## What to change
More partitions: about 128 to 256 MiB of compressed shuffle data each. With adaptive execution raise the initial number,
since it merges partitions and splits only skewed ones. More partitions cost scheduling and smaller fetches.

## When to ignore
Tasks that only copy, such as a compaction with files of that size.

## Sources
Apache Spark, `advisoryPartitionSizeInBytes` (64 MB) and `maxPartitionBytes` (128 MB). Partitions of more than 5 GiB as
a fault: DataFlint. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.parallelism.partition_number import more_shuffle_partitions

RULE = Rule(
    code="PAR002",
    category="parallelism",
    since="0.2",
    query="stage_attempts",
    yields_to=("SKW001", "SKW002"),
    thresholds=(
        Threshold("min_median_bytes", 1 << 30, "By", "sparkledger", "eight times what Spark aims at for an input split"),
        Threshold("min_spilling_bytes", 512 << 20, "By", "sparkledger", "enough where the median task spills as well"),
        Threshold("severe_bytes", 5 << 30, "By", "DataFlint", "from here a task rarely fits its memory"),
        Threshold("min_tasks", 5, "{task}", "SKW001", "a median over fewer says nothing"),
        Threshold("min_task_share", 0.05, "1", "sparkledger", "task time of the stage over all"),
        Threshold("target_bytes", 200 << 20, "By", "sparkledger", "what the proposed number of partitions leads to"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage of huge partitions."""
    for row in rows:
        size = max(row["p50_input_bytes"], row["p50_shuffle_bytes"])
        spills = row["p50_disk_spilled_bytes"] > 0
        if size < thresholds["min_median_bytes"] and not (spills and size >= thresholds["min_spilling_bytes"]):
            continue
        task_share = row["duration_ms"] * application.task_cpus / max(1, application.busy_core_ms)
        if row["tasks"] < thresholds["min_tasks"] or task_share < thresholds["min_task_share"] or row["cached"]:
            continue
        wanted = max(row["tasks"], round(max(row["input_bytes"], row["shuffle_read_bytes"]) / thresholds["target_bytes"]))
        severe = size >= thresholds["severe_bytes"] or spills
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=Severity.MEDIUM if severe else Severity.LOW,
            title=f"the median of {row['tasks']:,} tasks read {figures.size(size)}" + (" and spilled to disk" if spills else ""),
            evidence=(
                Evidence("tasks", row["tasks"], "{task}"),
                Evidence("median_input", row["p50_input_bytes"], "By"),
                Evidence("median_shuffle_read", row["p50_shuffle_bytes"], "By"),
                Evidence("median_spilled_to_disk", row["p50_disk_spilled_bytes"], "By"),
                Evidence("median_duration", row["p50_ms"], "ms"),
                Evidence("partitions_of_target_size", wanted, "{partition}"),
            ),
            saving=None,
            change=_change(application, row, wanted),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            causes=("spill",) if spills else (),
        )


def _change(application: Application, row: Row, wanted: int) -> Change:
    risk = "more tasks write more, smaller files"
    if row["shuffle_read_bytes"] > row["input_bytes"]:
        return more_shuffle_partitions(application, row, wanted)
    return Change("cut the input finer, or write files that can be split", effort="medium", risk=risk)
