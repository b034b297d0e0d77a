"""A scan reads every partition of a partitioned table, and a filter throws most rows away.

## What it does
Looks for file scans of partitioned tables whose plan has no filter on partition columns, while a Filter right above the
scan drops most of the rows that were read.

## Why it costs
All partitions are listed, opened, read and decoded; what the filter drops was read for nothing.

## How it is measured
Partitioned: the scan node has the metric `number of partitions read`. No filter: `PartitionFilters: []` in its
metadata. Size: `size of files read`. Kept: `number of output rows` of the Filter node / that of the scan. How many
partitions the right filter would leave is not in the events, so no saving is claimed; the task time of the reading
stages is shown as the most that is at stake.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`WHERE to_date(event_time) = '2026-11-20'` on a table partitioned by `day`: 400 partitions and 1.2 TiB are read, 0.3 %
of the rows stay.

## What to change
Filter on the partition column itself with a constant (or join on it, so that dynamic pruning can work); a function or
cast around the column prevents pruning. Where the filter's column is no partition column: partition or cluster the
table by it.

## When to ignore
Backfills and full rebuilds that need the whole table.

## Sources
Apache Spark, `FileSourceScanExec` (metrics and metadata of scans) and SQL performance tuning guide (dynamic partition
pruning). Missing partition filters as a fault: DataFlint. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.storage.places import place_of

RULE = Rule(
    code="S3R002",
    category="storage",
    since="0.1",
    query="file_scans",
    thresholds=(
        Threshold("min_size_bytes", 1 << 30, "By", "sparkledger", "reading less in full costs little"),
        Threshold("min_partitions", 10, "{partition}", "sparkledger", "pruning fewer partitions gains little"),
        Threshold("max_kept_share", 0.2, "1", "sparkledger", "a filter that keeps more of the rows may need them all"),
        Threshold("medium_task_share", 0.2, "1", "sparkledger", "task time of reading stages over all from which the finding weighs more"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each scan that pruning would have cut."""
    for row in rows:
        if not row["partitioned"] or row["partition_filters"] != "[]":
            continue
        if row["partitions"] < thresholds["min_partitions"] or row["filtered_rows"] < 0 or row["output_rows"] <= 0:
            continue
        kept = row["filtered_rows"] / row["output_rows"]
        if row["size_bytes"] < thresholds["min_size_bytes"] or kept > thresholds["max_kept_share"]:
            continue
        at_stake = row["scan_task_ms"] * application.task_cpus / max(1, application.busy_core_ms)
        place = place_of(row["location"])
        yield Finding(
            rule_code=RULE.code,
            subject=place,
            severity=Severity.MEDIUM if at_stake >= thresholds["medium_task_share"] else Severity.LOW,
            title=(
                f"all {row['partitions']:,} partitions ({figures.size(row['size_bytes'])}) of {place} were read; "
                f"the filter above kept {figures.share(kept)} of the rows"
            ),
            evidence=(
                Evidence("partitions", row["partitions"], "{partition}"),
                Evidence("files", row["files"], "{file}"),
                Evidence("size", row["size_bytes"], "By"),
                Evidence("rows_read", row["output_rows"], "{row}"),
                Evidence("rows_kept", row["filtered_rows"], "{row}"),
                Evidence("filter", row["filters"][:300], "1"),
                Evidence("reading_stages_task_time", row["scan_task_ms"] / 1000, "s"),
            ),
            saving=None,
            change=Change(
                "filter on the partition column itself, without a function or cast around it",
                effort="medium",
                risk="none, where the filter means the same",
                rollback="restore the former condition",
            ),
            sql_execution_id=row["execution_id"],
        )
