"""A scan of a columnar format has filters, but none reached the reader.

## What it does
Looks for Parquet and ORC scans with conditions on data columns of which not one was pushed down, where the filter above
drops most rows.

## Why it costs
With a pushed filter the reader skips row groups and pages by their statistics; without one it fetches and decodes them
all.

## How it is measured
`DataFilters` is not empty, and `PushedFilters` holds nothing in the metadata of the scan node, or only `IsNotNull`: Spark
adds it for every column in a condition, and it skips row groups of nothing but nulls. Size: `size of files read`. Kept:
`number of output rows` of the Filter node / that of the scan. How many row groups would be skipped depends on how
the data lies, which the events do not tell: no saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`WHERE lower(country) = 'de'` over 300 GiB of Parquet: DataFilters `[isnotnull(country#12), (lower(country#12) = de)]`,
PushedFilters `[IsNotNull(country)]`; 1 % of the rows stay.

## What to change
Compare the bare column with a constant of its own type; a cast, a function or a UDF around the column prevents it.
Write values in the form in which they are asked for. Sort or cluster the table by the column, else each row group holds
every value and nothing can be skipped.

## When to ignore
When the condition has no form that a reader understands, or the data is not laid out by it.

## Sources
Apache Spark, SQL data sources guide (Parquet and ORC filter pushdown), `DataSourceStrategy.translateFilter`. Read
2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.storage.places import place_of

RULE = Rule(
    code="S3R003",
    category="storage",
    since="0.1",
    query="file_scans",
    thresholds=(
        Threshold("min_size_bytes", 1 << 30, "By", "sparkledger", "reading less in full costs little"),
        Threshold("max_kept_share", 0.2, "1", "sparkledger", "a filter that keeps more of the rows skips few row groups"),
    ),
)
COLUMNAR = ("parquet", "orc")
_NOT_NULL = re.compile(r"\*?isnotnull\([^()]*\)", re.IGNORECASE)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each columnar scan whose filters all stayed behind."""
    for row in rows:
        if not _only_not_null(row["pushed_filters"]) or row["data_filters"] == "" or _only_not_null(row["data_filters"]):
            continue
        if row["format"].lower() not in COLUMNAR or row["size_bytes"] < thresholds["min_size_bytes"]:
            continue
        if row["filtered_rows"] < 0 or row["output_rows"] <= 0 or row["filtered_rows"] > thresholds["max_kept_share"] * row["output_rows"]:
            continue
        place = place_of(row["location"])
        yield Finding(
            rule_code=RULE.code,
            subject=place,
            severity=Severity.LOW,
            title=(
                f"{figures.size(row['size_bytes'])} of {place} were read with no filter pushed down; "
                f"the filter above kept {figures.share(row['filtered_rows'] / row['output_rows'])} of the rows"
            ),
            evidence=(
                Evidence("data_filters", row["data_filters"][:300], "1"),
                Evidence("pushed_filters", row["pushed_filters"][:300], "1"),
                Evidence("size", row["size_bytes"], "By"),
                Evidence("rows_read", row["output_rows"], "{row}"),
                Evidence("rows_kept", row["filtered_rows"], "{row}"),
                Evidence("reading_stages_task_time", row["scan_task_ms"] / 1000, "s"),
            ),
            saving=None,
            change=Change(
                "compare the bare column with a constant of its own type, and sort the table by it",
                effort="medium",
                risk="none, where the condition means the same",
                rollback="restore the former condition",
            ),
            sql_execution_id=row["execution_id"],
        )


def _only_not_null(filters: str) -> bool:
    """Whether a list of filters is empty or asks for nothing but columns that are not null. Not for '', where the plan says nothing."""
    return filters.startswith("[") and not _NOT_NULL.sub("", filters).strip("[], ")
