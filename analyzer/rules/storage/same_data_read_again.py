"""The same files are read several times by one application.

## What it does
Looks for scans of the same files in several places of an application's plans.

## Why it costs
Each read fetches and decodes the files again: requests, waiting and CPU.

## How it is measured
Scan nodes of final plans with equal location, number of files and size (after partition pruning), each counted once by
its accumulators, so that a cached table counts once however many plans show it. Repeats are all scans but the first.
The high end of the saving is the run time of the reading stages of those executions, in proportion to the bytes of the
repeats; keeping the data costs memory or disk as well, so the low end is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A report runs 9 queries over the same 84 GiB; 8 of the reads, 11 core-hours, could have come from a cached or stored
intermediate table.

## What to change
Cache what several actions use (with disk as fallback), or write the filtered columns to a table once. Compute several
aggregates in one pass.

## When to ignore
When the reads select different columns or rows, so that one cached form would be far larger than each read.

## Sources
Redundant reads as a measure: NVIDIA RAPIDS tools. Apache Spark, SQL performance tuning guide (caching). Read 2026-11.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.places import is_remote, place_of

RULE = Rule(
    code="S3R006",
    category="storage",
    since="0.2",
    query="file_scans",
    pool="busy",
    thresholds=(
        Threshold("min_repeats", 2, "{scan}", "sparkledger", "a second read is often cheaper than keeping the data"),
        Threshold("min_bytes", 1 << 30, "By", "sparkledger", "bytes of the repeats; less is not worth a change"),
        Threshold("min_share", 0.02, "1", "sparkledger", "run time of the repeats over allocated core time"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each set of files that was read often enough."""
    read_bytes: dict[int, int] = defaultdict(int)
    groups: dict[tuple[str, int, int], list[Row]] = defaultdict(list)
    for row in rows:
        read_bytes[row["execution_id"]] += row["size_bytes"]
        if is_remote(row["location"]) and row["files"] > 0:
            groups[(row["location"], row["files"], row["size_bytes"])].append(row)
    for (location, files, size), scans in groups.items():
        repeats = sorted(scans, key=lambda r: (r["execution_id"], r["node_id"]))[1:]
        if len(repeats) < thresholds["min_repeats"] or size * len(repeats) < thresholds["min_bytes"]:
            continue
        run_ms = sum(r["scan_run_ms"] * size / max(1, read_bytes[r["execution_id"]]) for r in repeats)
        high_s = run_ms * application.task_cpus / 1000
        if application.share_of_allocated(high_s) >= thresholds["min_share"]:
            yield _finding(application, place_of(location), files, size, scans, high_s)


def _finding(application: Application, place: str, files: int, size: int, scans: Sequence[Row], high_s: float) -> Finding:
    schemas = {r["read_schema"] for r in scans}
    return Finding(
        rule_code=RULE.code,
        subject=place,
        severity=severity_of(application.share_of_allocated(high_s / 2)),
        title=f"the same {figures.size(size)} of {place} were read {len(scans):,} times",
        evidence=(
            Evidence("scans", len(scans), "{scan}"),
            Evidence("files", files, "{file}"),
            Evidence("size", size, "By"),
            Evidence("read_again", size * (len(scans) - 1), "By"),
            Evidence("run_time_of_repeats", round(high_s, 3), "core.s"),
            Evidence("different_column_sets", len(schemas), "1"),
        ),
        saving=Saving(
            0.0,
            high_s,
            "nothing (low), or the run time of all reads but the first (high)",
            executions=tuple(sorted({r["execution_id"] for r in scans})),
        ),
        change=Change(
            "cache what several actions use, or store the filtered columns once",
            effort="medium",
            risk="cached data takes memory and disk of the executors",
            rollback="remove the cache",
        ),
        sql_execution_id=scans[0]["execution_id"],
    )
