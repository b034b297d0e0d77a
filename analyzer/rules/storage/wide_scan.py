"""A columnar table is read with all its many columns, and little of it is used.

## What it does
Looks for Parquet and ORC scans of many columns in executions that pass on only a small part of what they read.

## Why it costs
Every column is fetched and decoded. A columnar format lets a reader skip the columns that nobody asks for, unless the
query asks for all: `SELECT *`, a cache of the whole table, or a function over whole rows.

## How it is measured
Columns in `ReadSchema` of the scan (top level; Spark may cut the text, so it is a lower bound); `size of files read`;
bytes that the execution's reading stages passed on, shuffle and output, against input bytes. Which columns were needed
is not in the events, so no saving is claimed. Blind where bytes of Parquet are not counted, as from Spark 4.1 on:
`spark.hadoop.parquet.hadoop.vectored.io.enabled=false` switches counting on again.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A table of 210 columns and 1.4 TiB is cached whole, and a count by country follows: 0.01 % of the bytes are passed on.

## What to change
Select the columns before caching, converting to an RDD or a typed data set, or calling a function over the row.

## When to ignore
Copies and exports, which need every column.

## Sources
Apache Spark, SQL data sources guide (Parquet). Column pruning as bytes read over size of files: facts collected for
this project. Read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.storage.places import place_of

RULE = Rule(
    code="S3R008",
    category="storage",
    since="0.2",
    query="file_scans",
    thresholds=(
        Threshold("min_columns", 25, "{column}", "sparkledger", "columns that the text of the plan shows; fewer are soon all needed"),
        Threshold("min_size_bytes", 10 << 30, "By", "sparkledger", "reading less in full costs little"),
        Threshold("min_read_share", 0.7, "1", "sparkledger", "input bytes over size of files: less means that columns were skipped"),
        Threshold("max_passed_share", 0.02, "1", "sparkledger", "shuffle and output of the reading stages over their input"),
    ),
)
_COLUMN = re.compile(r"(?:^struct<|,)\s*([^:,<>]+):")


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each scan that read far more columns than it can have needed."""
    for row in rows:
        columns = columns_of(row["read_schema"])
        if row["format"].lower() not in ("parquet", "orc") or columns < thresholds["min_columns"]:
            continue
        if row["size_bytes"] < thresholds["min_size_bytes"] or row["scan_input_bytes"] < thresholds["min_read_share"] * row["size_bytes"]:
            continue
        if row["scan_passed_bytes"] > thresholds["max_passed_share"] * row["scan_input_bytes"]:
            continue
        place = place_of(row["location"])
        yield Finding(
            rule_code=RULE.code,
            subject=place,
            severity=Severity.LOW,
            title=f"{columns:,} columns of {place} ({figures.size(row['size_bytes'])}) were read in full, and little of it was used",
            evidence=(
                Evidence("columns_read", columns, "{column}"),
                Evidence("size", row["size_bytes"], "By"),
                Evidence("input_bytes_of_reading_stages", row["scan_input_bytes"], "By"),
                Evidence("passed_on_by_reading_stages", row["scan_passed_bytes"], "By"),
                Evidence("reading_stages_task_time", row["scan_task_ms"] / 1000, "s"),
            ),
            saving=None,
            change=Change(
                "select the columns that are needed right after the read",
                effort="medium",
                risk="none, where the result means the same",
                rollback="restore the former query",
            ),
            sql_execution_id=row["execution_id"],
        )


def columns_of(read_schema: str) -> int:
    """Top-level columns of a schema such as `struct<a:int,b:struct<c:int>>`; at least those that a cut text still shows."""
    flat, depth, kept = read_schema, 0, []
    for character in flat:
        depth -= character == ">"
        if depth <= 1:
            kept.append(character)
        depth += character == "<"
    return len(_COLUMN.findall("".join(kept)))
