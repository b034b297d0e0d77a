"""Listing files takes long before a scan can start.

## What it does
Looks for file scans whose metadata time, in which the driver lists files and partitions, is long.

## Why it costs
A scan's tasks can't be planned before its files are known; the executors wait for the driver meanwhile.

## How it is measured
`metadata time` of the scan node (driver metric, ms), each scan once. The high end of the saving is the core time of the
executors alive on average during the run over that time, at most what was alive while no stage had tasks; the low end is
a third, since some listing is needed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A table of 60,000 day-and-hour partitions: 4 minutes of listing before each of three scans, while 100 cores wait.

## What to change
Fewer, larger partitions; a filter on partition columns, so that fewer are listed; a table format that keeps its file
list (Iceberg, Delta); a metastore that prunes partitions (`spark.sql.hive.metastorePartitionPruning`).

## When to ignore
When other stages keep the executors busy during this listing, and the driver is alone at other times.

## Sources
Apache Spark, `FileSourceScanExec` (metadata time). AWS, EMR best practices guide (partitioning). Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.places import is_remote, place_of

RULE = Rule(
    code="S3R007",
    category="storage",
    since="0.2",
    query="file_scans",
    pool="idle",
    thresholds=(
        Threshold("min_metadata_ms", 20_000, "ms", "sparkledger", "shorter listings are not worth a change"),
        Threshold("min_share", 0.01, "1", "sparkledger", "core time during the listing over allocated"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each scan that took long to list."""
    if application.wall_ms <= 0:
        return
    cores = application.allocated_core_ms / application.wall_ms
    for row in rows:
        listing_ms = row["metadata_ms"]
        high_s = min(cores * listing_ms / 1000, application.alone_core_s)
        if listing_ms < thresholds["min_metadata_ms"] or not is_remote(row["location"]):
            continue
        if application.share_of_allocated(high_s) < thresholds["min_share"]:
            continue
        place = place_of(row["location"])
        yield Finding(
            rule_code=RULE.code,
            subject=place,
            severity=severity_of(application.share_of_allocated(high_s * 2 / 3)),
            title=f"listing {row['files']:,} files of {place} took the driver {figures.duration(listing_ms)}",
            evidence=(
                Evidence("metadata_time", listing_ms, "ms"),
                Evidence("files", row["files"], "{file}"),
                Evidence("partitions", row["partitions"], "{partition}"),
                Evidence("partition_filters", row["partition_filters"][:300], "1"),
            ),
            saving=Saving(
                high_s / 3, high_s, "mean cores alive over a third of the listing (low) or all of it (high)", spans=application.alone
            ),
            change=Change(
                "list less: filter on partition columns, use fewer partitions, or a table format that keeps its list of files",
                effort="high",
                risk="a new layout has to be written",
                rollback="none needed: the data stays the same",
            ),
            sql_execution_id=row["execution_id"],
        )
