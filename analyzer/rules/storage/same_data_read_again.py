"""The same files are read several times by one application.

## What it does
Looks for scans of the same files in several places of an application's plans.

## Why it costs
Each read fetches and decodes the files again: requests, waiting and CPU.

## How it is measured
Scan nodes of final plans with equal location, columns, number of files and size (after partition pruning), each counted
once by its accumulators, so that a cached table counts once however many plans show it. What a scan read is the `Bytes
Read` of the reading stages of its execution, so that a count, which reads footers, or a preview is no repeat. Where
bytes of Parquet are not counted (Spark 4.1 on, unless `spark.hadoop.parquet.hadoop.vectored.io.enabled` is false), it is
at most the files' size, or as much of it as the tasks are of Spark's splits. Repeats are all reads but the largest. The
high end of the saving is their bytes at the pace of the fastest of these reads, since the others' run time holds more
than reading; keeping the data costs memory or disk as well, so the low end is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A report runs 9 queries over the same 84 GiB; 8 of the reads, 11 core-hours, could have come from a cached or stored
intermediate table.

## What to change
Cache what several actions use (with disk as fallback), or write the filtered columns to a table once. Compute several
aggregates in one pass.

## When to ignore
When the reads keep different rows, so that one cached form would be far larger than each read; benchmarks, whose
queries stand for themselves.

## Sources
Redundant reads as a measure: NVIDIA RAPIDS tools. Apache Spark, SQL performance tuning guide (caching). Read 2026-11.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.counted import not_counted, read_bytes, uncounted_splits
from analyzer.rules.storage.places import is_remote, place_of

RULE = Rule(
    code="S3R006",
    category="storage",
    since="0.2",
    query="file_scans",
    pool="busy",
    thresholds=(
        Threshold("min_repeats", 2, "{scan}", "sparkledger", "a second read is often cheaper than keeping the data"),
        Threshold("min_read_share", 0.1, "1", "sparkledger", "bytes that tasks read over the files' size; a count or a preview reads less"),
        Threshold("min_bytes", 1 << 30, "By", "sparkledger", "bytes of the repeats; less is not worth a change"),
        Threshold("min_share", 0.02, "1", "sparkledger", "run time of the repeats over allocated core time"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each set of files that was read often enough."""
    listed_bytes: dict[int, int] = defaultdict(int)
    groups: dict[tuple[str, str, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        listed_bytes[row["execution_id"]] += row["size_bytes"]
        if is_remote(row["location"]) and row["files"] > 0:
            groups[(row["location"], row["read_schema"], row["files"], row["size_bytes"])].append(row)
    for (location, _, files, size), rows_of_group in groups.items():
        scans = [
            s for s in (_scan(application, r, listed_bytes) for r in rows_of_group) if s.read_bytes >= thresholds["min_read_share"] * size
        ]
        # The largest read is needed; where all are equal it stands for the first.
        again_bytes = sum(s.read_bytes for s in scans) - max((s.read_bytes for s in scans), default=0.0)
        if len(scans) <= thresholds["min_repeats"] or again_bytes < thresholds["min_bytes"]:
            continue
        high_s = again_bytes * min(s.ms_a_byte for s in scans) * application.task_cpus / 1000
        if application.share_of_allocated(high_s) >= thresholds["min_share"]:
            yield _finding(application, place_of(location), files, scans, again_bytes, high_s)


@dataclass(frozen=True, slots=True)
class _Scan:
    """A scan with what its tasks really read: a count opens every file and reads little of it."""

    row: Row
    read_bytes: float
    ms_a_byte: float
    """Run time of the reading stages, with all else that they did."""
    counted: bool
    """Where false, `read_bytes` is an upper bound."""


def _scan(application: Application, row: Row, listed_bytes: dict[int, int]) -> _Scan:
    size, part = row["size_bytes"], row["size_bytes"] / max(1, listed_bytes[row["execution_id"]])
    counted = row["scan_input_bytes"] * part
    read = read_bytes(counted, size, row["scan_tasks"] * part, uncounted_splits(application.spark_line, application.conf, row))
    return _Scan(row, min(size, read), row["scan_run_ms"] * part / max(1.0, read), read == counted)


def _finding(application: Application, place: str, files: int, scans: Sequence[_Scan], again_bytes: float, high_s: float) -> Finding:
    largest, uncounted_bytes = max(s.read_bytes for s in scans), sum(s.read_bytes for s in scans if not s.counted)
    size = scans[0].row["size_bytes"]
    what = (
        f"the same files of {place}, {figures.size(size)}," if uncounted_bytes else f"{figures.size(largest)} of the same files of {place}"
    )
    return Finding(
        rule_code=RULE.code,
        subject=place,
        severity=severity_of(application.share_of_allocated(high_s / 2)),
        title=f"{what} were read {len(scans):,} times",
        evidence=(
            Evidence("scans", len(scans), "{scan}"),
            Evidence("files", files, "{file}"),
            Evidence("size", size, "By"),
            Evidence("read_again", round(again_bytes), "By"),
            Evidence("run_time_of_repeats", round(high_s, 3), "core.s"),
            *not_counted(uncounted_bytes),
        ),
        saving=Saving(
            0.0,
            high_s,
            "nothing (low), or all reads but the largest at the pace of the fastest (high)",
            executions=tuple(sorted({s.row["execution_id"] for s in scans})),
        ),
        change=Change(
            "cache what several actions use, or store the filtered columns once",
            effort="medium",
            risk="cached data takes memory and disk of the executors",
            rollback="remove the cache",
        ),
        sql_execution_id=scans[0].row["execution_id"],
    )
