"""One shuffle partition is far larger than the rest.

## What it does
Compares the largest shuffle partition that a stage read with the median one, by the test that adaptive execution uses
itself.

## Why it costs
The large partition decides how much memory an executor needs and is the first to spill or fail. Where it also delays
the stage, SKW001 tells it with the time that could be saved, and this rule is silent.

## How it is measured
Shuffle read is remote + local bytes of a successful task (`SparkListenerTaskEnd`). The finding needs a price as well:
the task of the largest partition spilled to disk, or ran for several times the median. No saving is claimed: the time
is SKW001's, the rest is risk.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Of 200 partitions the median is 60 MiB and one is 3.1 GiB; its task spilled 9 GiB while the stage still ended on time
behind another one.

## What to change
Adaptive skew join handling for joins; a salted key or a two-step aggregation elsewhere.

## When to ignore
When the stage is rare and its executors have the memory.

## Sources
Apache Spark, `spark.sql.adaptive.skewJoin.skewedPartitionFactor` (5) and `skewedPartitionThresholdInBytes` (256 MB),
SQL performance tuning guide. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.skew.split_partitions import split_partitions

RULE = Rule(
    code="SKW002",
    category="skew",
    since="0.1",
    yields_to=("SKW001",),
    thresholds=(
        Threshold("min_ratio", 5, "1", "Spark, skewedPartitionFactor", "largest over median partition"),
        Threshold("min_partition_bytes", 256 << 20, "By", "Spark, skewedPartitionThresholdInBytes", "smaller partitions fit anywhere"),
        Threshold("min_duration_ratio", 3, "1", "sparkforensics", "its task over the median, where it did not spill"),
        Threshold("min_extra_ms", 5000, "ms", "DataFlint", "a shorter delay is noise"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage with a large partition that had a price."""
    for row in rows:
        largest, middle = row["largest_bytes"], row["median_bytes"]
        if largest < thresholds["min_partition_bytes"] or largest <= thresholds["min_ratio"] * middle:
            continue
        spilled = row["largest_spilled_bytes"] > 0
        extra_ms = row["largest_duration_ms"] - row["median_duration_ms"]
        slow = (
            row["largest_duration_ms"] > thresholds["min_duration_ratio"] * row["median_duration_ms"]
            and extra_ms >= thresholds["min_extra_ms"]
        )
        if not spilled and not slow:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=Severity.LOW if spilled else Severity.INFO,
            title=f"the largest of {row['tasks']:,} shuffle partitions has {figures.size(largest)}, the median {figures.size(middle)}",
            evidence=(
                Evidence("largest_partition", largest, "By"),
                Evidence("median_partition", middle, "By"),
                Evidence("shuffle_read", row["total_bytes"], "By"),
                Evidence("largest_partition_spilled_to_disk", row["largest_spilled_bytes"], "By"),
                Evidence("largest_partition_duration", row["largest_duration_ms"], "ms"),
                Evidence("median_duration", row["median_duration_ms"], "ms"),
            ),
            saving=None,
            change=split_partitions(application, row),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            causes=tuple(name for name, value in (("spill", spilled), ("data", slow)) if value),
        )
