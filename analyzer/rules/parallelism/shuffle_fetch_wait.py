"""Tasks wait for shuffle data to arrive.

## What it does
Looks for stages whose tasks spent a large part of their run time blocked on shuffle blocks of other executors.

## Why it costs
The slot is paid for while its task waits for the network, for a disk at the other end, or for an executor that is busy
or gone.

## How it is measured
`Fetch Wait Time` / `Executor Run Time`, summed over task ends (`SparkListenerTaskEnd`, ms). The high end of the saving
is the wait beyond a healthy share; how much of it a change removes is not in the events, so the low end is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
4,000 tasks read 2 TiB in blocks of 14 kB from 300 executors with one disk each: 38 % of their run time is fetch wait.

## What to change
Shuffle less: filter and aggregate before, broadcast the small side of a join. Fewer, larger blocks: fewer partitions on
either side, fewer and larger executors, push-based shuffle. Faster or more local disks where the executors that serve
are the limit.

## When to ignore
When the stage started while its producers were still being replaced: see EXE001.

## Sources
Apache Spark, monitoring guide (`fetchWaitTime`) and configuration guide (`spark.reducer.*`, `spark.shuffle.push.*`).
The 20 % mark: sparkledger. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="SHF001",
    category="parallelism",
    since="0.2",
    query="stage_attempts",
    pool="busy",
    thresholds=(
        Threshold("min_wait_share", 0.2, "1", "sparkledger", "fetch wait over run time of the stage"),
        Threshold("healthy_share", 0.05, "1", "sparkledger", "some waiting is the price of any shuffle"),
        Threshold("min_wait_s", 120, "s", "sparkledger", "slot time; less is not worth a change"),
        Threshold("min_share", 0.01, "1", "sparkledger", "recoverable over allocated core time"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage that waited enough."""
    for row in rows:
        wait, run = row["fetch_wait_ms"], row["run_ms"]
        high_s = max(0.0, wait - thresholds["healthy_share"] * run) * application.task_cpus / 1000
        if run <= 0 or wait < thresholds["min_wait_share"] * run or wait < thresholds["min_wait_s"] * 1000:
            continue
        if application.share_of_allocated(high_s) < thresholds["min_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=severity_of(application.share_of_allocated(high_s / 2)),
            title=f"{figures.share(wait / run)} of the run time of {row['task_ends']:,} tasks was spent waiting for shuffle data",
            evidence=(
                Evidence("fetch_wait", wait / 1000, "s"),
                Evidence("run_time", run / 1000, "s"),
                Evidence("fetch_wait_share", round(wait / run, 4), "1"),
                Evidence("shuffle_read", row["shuffle_read_bytes"], "By"),
                Evidence("median_shuffle_read", row["p50_shuffle_bytes"], "By"),
                Evidence("tasks", row["task_ends"], "{task}"),
            ),
            saving=Saving(0.0, high_s, "nothing (low), or all fetch wait beyond the healthy share (high)"),
            change=Change(
                "shuffle less, or in fewer and larger blocks",
                effort="medium",
                risk="larger blocks need more memory a task",
                rollback="restore the former plan or settings",
            ),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
        )
