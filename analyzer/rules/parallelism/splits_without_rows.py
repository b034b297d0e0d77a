"""A scan is cut into splits smaller than the files' row groups, so that many of its tasks get no row.

## What it does
Looks at stages that read one Parquet or ORC table, and at the tasks of them that read no row.

## Why it costs
A row group goes to the task whose split holds its middle. The other splits over it get nothing, but each is a task that is
handed out, opens the file and reads its footer. Spark shrinks splits where the application has many cores for its data:
the size of a split is at most the bytes a core, counting 4 MiB a file.

## How it is measured
Successful tasks with `Records Read` of 0, and their durations, in stages that are their SQL execution's only readers and
scan one table. Silent where a filter was pushed down, since statistics then skip row groups on purpose; where files are
not much larger than a split, so that small files and not small splits make the tasks; and for files on a local disk. The
saving is the time of the tasks without a row: all of it (high) or half (low).

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
15,837 cores read 3,500 files of 116 MB: splits of 26.5 MB, 4 to 5 tasks a file, of which one has its row group to read.

## What to change
`spark.sql.files.minPartitionNum` at the number of splits of 128 MB: it takes the place of the number of cores. Where
`spark.sql.files.maxPartitionBytes` was set low, raise it. Or write smaller row groups, to use the cores.

## When to ignore
When the cores have nothing else to do and the tasks without rows delay nobody.

## Sources
Apache Spark, `FilePartition.maxSplitBytes` and SQL performance tuning guide. AWS, EMR best practices guide (the example).
Apache Parquet, configurations (row groups). Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.parallelism.split_size import MAX_PARTITION_BYTES, MIB, OPEN_COST_BYTES, parallelism_for
from analyzer.rules.storage.places import is_remote, place_of

RULE = Rule(
    code="PAR003",
    category="parallelism",
    since="0.2",
    pool="busy",
    thresholds=(
        Threshold("min_tasks", 100, "{task}", "sparkledger", "fewer cost nothing to speak of"),
        Threshold("min_empty_share", 0.25, "1", "sparkledger", "tasks without a row; a file's last splits are often without"),
        Threshold("max_split_bytes", 64 << 20, "By", "Apache Spark, half of maxPartitionBytes", "splits of the default size are not small"),
        Threshold("min_splits_a_file", 2, "1", "sparkledger", "files that are hardly cut are small themselves"),
        Threshold("min_share", 0.01, "1", "sparkledger", "task time without a row over allocated core time"),
    ),
)
_MAX_PARTITION, _OPEN_COST, _MIN_PARTITIONS = (
    f"spark.sql.files.{name}" for name in ("maxPartitionBytes", "openCostInBytes", "minPartitionNum")
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each scan that was cut too finely."""
    for row in rows:
        tasks, empty, files = row["tasks"], row["empty_tasks"], row["files"]
        split = row["size_bytes"] / tasks
        if not is_remote(row["location"]) or files <= 0 or empty < thresholds["min_empty_share"] * tasks:
            continue
        if split > thresholds["max_split_bytes"] or row["size_bytes"] / files < thresholds["min_splits_a_file"] * split:
            continue
        high = row["empty_ms"] * application.task_cpus / 1000
        if application.share_of_allocated(high) < thresholds["min_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=place_of(row["location"]),
            severity=severity_of(application.share_of_allocated(high * 0.75)),
            title=(
                f"{figures.share(empty / tasks)} of {tasks:,} tasks got no row: splits of {figures.size(split)} over files of "
                f"{figures.size(row['size_bytes'] / files)}"
            ),
            evidence=(
                Evidence("tasks", tasks, "{task}"),
                Evidence("tasks_without_a_row", empty, "{task}"),
                Evidence("time_of_tasks_without_a_row", row["empty_ms"] / 1000, "s"),
                Evidence("task_time", row["task_ms"] / 1000, "s"),
                Evidence("files", files, "{file}"),
                Evidence("size", row["size_bytes"], "By"),
                Evidence("split_size", round(split), "By"),
                Evidence("max_partition_bytes", _max_partition_bytes(application), "By"),
            ),
            saving=Saving(
                high / 2, high, "half of the time of tasks without a row (low), or all of it (high)", executions=(row["execution_id"],)
            ),
            change=_change(application, row),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            sql_execution_id=row["execution_id"],
        )


def _max_partition_bytes(application: Application) -> int:
    return parse_bytes(application.conf.get(_MAX_PARTITION), bare_unit=1) or MAX_PARTITION_BYTES


def _change(application: Application, row: Row) -> Change:
    risk = "fewer tasks for every scan of the application, each of more bytes"
    if _max_partition_bytes(application) < MAX_PARTITION_BYTES:
        return Change("let splits be larger", {_MAX_PARTITION: f"{MAX_PARTITION_BYTES // MIB}m"}, risk=risk)
    open_cost = parse_bytes(application.conf.get(_OPEN_COST), bare_unit=1) or OPEN_COST_BYTES
    if application.spark_line >= (3, 1):
        splits = parallelism_for(row["size_bytes"], row["files"], _max_partition_bytes(application), open_cost)
        return Change("cut files by size, not by cores", {_MIN_PARTITIONS: str(splits)}, risk=risk)
    return Change("let splits be larger", {_OPEN_COST: str(MAX_PARTITION_BYTES)}, risk=f"{risk}; small files are packed less")
