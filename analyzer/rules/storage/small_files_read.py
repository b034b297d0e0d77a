"""A scan opens many small files.

## What it does
Looks at each file scan of the SQL plans that ran: how many files it read and how large they were on average.

## Why it costs
Each file costs requests and waiting before its first byte comes, and a task slot waits meanwhile. One GET costs about
as much as 24 ms of a core, so waiting is dearer than requests.

## How it is measured
`number of files read` and `size of files read` of the scan node, or `number of result data files` and `total data file
size` of a scan of Iceberg (driver accumulator updates; after partition pruning, before column pruning). A cached relation
is read once, however often plans show it. Needless opens are files - size / the target file size; each holds a slot for
the time to open a file: low and high bound. The saving cannot exceed what the execution's reading stages waited: run time
without CPU time, garbage collection and fetch wait, which several such scans of one execution share by their needless
files. Files on a local disk, and those that no task read, are not judged; nor is a preview: little was read of them, by
fewer tasks than so many files are packed into.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
25,000 files of 400 KiB, 9.5 GiB in all: 76 files of 128 MiB would do. 24,924 opens at 30 to 100 ms: 750 to 2,500
core-seconds, and 75,000 requests ($0.03).

## What to change
Compact the table (OPTIMIZE, rewrite_data_files, or a rewrite with fewer partitions), and let its writer repartition
before it writes. Compaction is a run of its own and pays when the table is read more than once or twice.

## When to ignore
When the files are written by others and read once.

## Sources
AWS, EMR best practices guide (files of 128 MB and more; 25,000 small files 3.6 times slower than 50). 3 MiB and 100
files: DataFlint. AWS, S3 performance guidelines (first byte of small objects in tens of ms). Read 2026-11.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.counted import read_bytes, split_settings, uncounted_splits
from analyzer.rules.storage.places import is_remote, place_of, scheme_of

RULE = Rule(
    code="S3R001",
    category="storage",
    since="0.1",
    query="file_scans",
    pool="busy",
    thresholds=(
        Threshold("min_files", 100, "{file}", "DataFlint", "fewer files cost nothing to speak of"),
        Threshold("max_average_bytes", 3 << 20, "By", "DataFlint", "files this small are mostly waiting"),
        Threshold("min_files_soft", 1000, "{file}", "sparkledger", "from here files of a middling size count as well"),
        Threshold("max_average_bytes_soft", 16 << 20, "By", "AWS, S3 byte-range requests", "below one range request a file"),
        Threshold("target_file_bytes", 128 << 20, "By", "AWS, EMR best practices", "the size that files are asked to have"),
        Threshold(
            "min_read_share", 0.1, "1", "S3R006", "bytes that tasks read over the files' size; a preview reads less, as does a count"
        ),
        Threshold("open_low_ms", 30, "ms", "AWS, S3 performance guidelines", "time to open a file, low"),
        Threshold("open_high_ms", 100, "ms", "AWS, S3 performance guidelines", "time to open a file, high"),
    ),
)
REQUESTS_PER_FILE = 3
"""Two GETs (footer and data) and one HEAD."""


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each scan of many small files."""
    small = [row for row in rows if _is_small(application, row, thresholds) and not _is_preview(application, row, thresholds)]
    needless_of: dict[int, float] = defaultdict(float)
    for row in small:
        needless_of[row["execution_id"]] += _needless(row, thresholds)
    for row in small:
        files, size = row["files"], row["size_bytes"]
        needless = _needless(row, thresholds)
        # The scans of one execution share what its reading stages waited.
        part = needless / needless_of[row["execution_id"]] if needless > 0 else 0.0
        bound_s = part * row["scan_wait_ms"] * application.task_cpus / 1000
        low, high = (min(bound_s, needless * thresholds[name] / 1000 * application.task_cpus) for name in ("open_low_ms", "open_high_ms"))
        place = row["table_name"] or place_of(row["location"])
        yield Finding(
            rule_code=RULE.code,
            subject=place,
            severity=severity_of(application.share_of_allocated((low + high) / 2)),
            title=f"{files:,} files of {figures.size(size / files)} on average were read from {place}",
            evidence=(
                Evidence("files", files, "{file}"),
                Evidence("size", size, "By"),
                Evidence("average_file_size", round(size / files), "By"),
                Evidence("needless_files", round(needless), "{file}"),
                *_requests(row["location"], needless),
                Evidence("reading_stages_run_time", row["scan_run_ms"] / 1000, "s"),
                Evidence("reading_stages_wait", row["scan_wait_ms"] / 1000, "s"),
                Evidence("format", row["format"], "1"),
            ),
            saving=Saving(
                low,
                high,
                "files beyond those of the target size, at 30 ms (low) or 100 ms (high) to open each, at most what tasks waited",
                executions=(row["execution_id"],),
            ),
            change=Change(
                "compact the table, and let its writer write fewer, larger files",
                effort="medium",
                risk="compaction is a run of its own; snapshots keep the old files for a while",
                rollback="none needed: the data stays the same",
            ),
            sql_execution_id=row["execution_id"],
        )


def _requests(location: str, needless_files: float) -> Iterator[Evidence]:
    """What the needless files cost in requests, where requests are billed."""
    if scheme_of(location) in ("s3", "s3a", "s3n"):
        yield Evidence("needless_requests", round(needless_files) * REQUESTS_PER_FILE, "{request}")


def _is_small(application: Application, row: Row, t: Thresholds) -> bool:
    files = row["files"]
    # Where a table lies that tells no location is not known; those of a cluster are shared.
    remote = not application.local if row["table_name"] else is_remote(row["location"])
    if files <= 0 or row["scan_run_ms"] <= 0 or not remote:
        return False
    average_bytes = row["size_bytes"] / files
    return bool(
        (files > t["min_files"] and average_bytes < t["max_average_bytes"])
        or (files > t["min_files_soft"] and average_bytes < t["max_average_bytes_soft"])
    )


def _is_preview(application: Application, row: Row, t: Thresholds) -> bool:
    """Whether most files were only listed, as with a limit: a task takes no more of them than its split has room for, at the cost of
    opening one each. A count opens all of them, with tasks enough."""
    split, open_cost = split_settings(application.conf)
    opened = row["scan_tasks"] * (split // open_cost + 1)
    splits = uncounted_splits(application.spark_line, application.conf, row)
    read = read_bytes(row["scan_input_bytes"], row["size_bytes"], row["scan_tasks"], splits)
    return bool(opened < row["files"] and read < t["min_read_share"] * row["size_bytes"])


def _needless(row: Row, t: Thresholds) -> float:
    """Files beyond those of the target size."""
    return max(0.0, float(row["files"] - row["size_bytes"] / t["target_file_bytes"]))
