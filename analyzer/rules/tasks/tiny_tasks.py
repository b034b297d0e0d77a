"""Work is cut into so many short tasks that handing them out costs more than it gains.

## What it does
Looks for stages of many tasks that take a moment each, and for what of their time was not spent running.

## Why it costs
Each task is scheduled by the driver, shipped, deserialised and reported; for a task of milliseconds that is most of its
time.

## How it is measured
Overhead is duration (`Finish Time - Launch Time`) - `Executor Run Time`, summed over task ends (ms): deserialisation,
result and scheduling delay. The saving is the overhead that fewer tasks of the target duration would not have; low is
half of it, since class loading and broadcast are paid once an executor whatever the number of tasks.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
10,000 tasks of 60 ms of which 20 ms run: 400 of 600 core-seconds are overhead; 100 tasks of 2 s would have 4.

## What to change
Fewer shuffle partitions, or adaptive execution, which merges small ones; coalesce after a filter; larger files. Fewer
tasks mean less parallelism in stages that share the setting.

## When to ignore
Streaming micro-batches and interactive queries, where latency counts.

## Sources
Apache Spark, SQL performance tuning guide (coalescing partitions). 100 tasks, 500 ms and 1 s: sparkforensics,
sparkDoctor. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="TSK001",
    category="tasks",
    since="0.1",
    pool="busy",
    yields_to=("PAR003",),
    thresholds=(
        Threshold("min_tasks", 100, "{task}", "sparkforensics, sparkDoctor", "fewer cost nothing to speak of"),
        Threshold("max_p50_ms", 500, "ms", "sparkforensics, sparkDoctor", "median task"),
        Threshold("max_p95_ms", 1000, "ms", "sparkforensics, sparkDoctor", "nearly all tasks"),
        Threshold("target_task_ms", 2000, "ms", "AWS, EMR Advisor", "shorter tasks are called short there"),
        Threshold("min_overhead_s", 60, "s", "sparkledger", "overhead of the stage; less is not worth a change"),
        Threshold("min_share", 0.01, "1", "sparkledger", "overhead over allocated core time"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage cut too finely."""
    for row in rows:
        if row["p50_ms"] > thresholds["max_p50_ms"] or row["p95_ms"] > thresholds["max_p95_ms"] or row["tasks"] < thresholds["min_tasks"]:
            continue
        overhead_ms = max(0, row["duration_ms"] - row["run_ms"])
        wanted = max(1.0, row["run_ms"] / thresholds["target_task_ms"])
        high = overhead_ms * max(0.0, 1 - wanted / row["tasks"]) * application.task_cpus / 1000
        if overhead_ms < thresholds["min_overhead_s"] * 1000 or application.share_of_allocated(high) < thresholds["min_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=severity_of(application.share_of_allocated(high * 0.75)),
            title=(
                f"{row['tasks']:,} tasks of {figures.duration(row['p50_ms'])} each spent {figures.duration(overhead_ms)} of "
                f"{figures.duration(row['duration_ms'])} on being handed out"
            ),
            evidence=(
                Evidence("tasks", row["tasks"], "{task}"),
                Evidence("median_duration", row["p50_ms"], "ms"),
                Evidence("p95_duration", row["p95_ms"], "ms"),
                Evidence("task_time", row["duration_ms"] / 1000, "s"),
                Evidence("run_time", row["run_ms"] / 1000, "s"),
                Evidence("tasks_of_target_duration", round(wanted), "{task}"),
            ),
            saving=Saving(
                high / 2, high, "overhead of tasks beyond those of the target duration; half of it (low), as part is paid once an executor"
            ),
            change=_change(application, row, wanted),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
        )


def _change(application: Application, row: Row, wanted: float) -> Change:
    # It merges the partitions of a query's shuffle; the splits of a scan and the partitions of an RDD it leaves alone.
    if application.can_adapt and not application.merges_partitions and row["merges"]:
        switch = "spark.sql.adaptive.coalescePartitions.enabled" if application.adaptive else "spark.sql.adaptive.enabled"
        return Change("let adaptive execution merge small partitions", {switch: "true"}, risk="plans change at run time")
    return Change(
        f"cut the stage into about {max(1, round(wanted)):,} tasks: coalesce, larger splits, or fewer partitions", effort="medium"
    )
