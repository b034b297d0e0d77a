"""Core time went into tasks that failed, were killed, or had to run again.

## What it does
Adds up the time of tasks that never succeeded, and of tasks that succeeded but whose output was lost with their
executor.

## Why it costs
The slots were paid for and their work thrown away; what failed is mostly run again.

## How it is measured
Duration of each task once, by task id, where no end was `Success` or one was `Resubmitted` (`SparkListenerTaskEnd`). A
late `Success` after `ExecutorLostFailure` counts as success. Copies that lost a race of speculation are the price of
speculation: they are in the high end only.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Two executors are lost to memory limits; 96 tasks fail after 4 minutes each and 310 finished map tasks of 1 minute are
run again: 11.6 core-hours of 140.

## What to change
By reason: a lost executor needs memory overhead or a gentler node (decommissioning on Spot); an exception needs a fix,
and a job that fails for good should fail at once (`spark.task.maxFailures`); fetch failures follow lost executors.

## When to ignore
When the job was stopped on purpose.

## Sources
Apache Spark, `TaskEndReason` and monitoring guide. The 1 % mark: sparkledger; retry floors: sparkforensics,
sparkDoctor. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="FLT001",
    category="failures",
    since="0.1",
    pool="busy",
    thresholds=(
        Threshold("min_share", 0.01, "1", "sparkledger", "lost core time over allocated"),
        Threshold("min_lost_s", 60, "s", "sparkforensics, sparkDoctor", "task time; less is not worth a change"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    lost = sum(r["lost_ms"] for r in rows) * application.task_cpus / 1000
    raced = sum(r["speculative_ms"] for r in rows) * application.task_cpus / 1000
    if lost < thresholds["min_lost_s"] or application.share_of_allocated(lost) < thresholds["min_share"]:
        return
    worst = max(rows, key=lambda r: r["lost_ms"])
    yield Finding(
        rule_code=RULE.code,
        subject=worst["end_reason"],
        severity=severity_of(application.share_of_allocated(lost - raced / 2)),
        title=f"{figures.duration(lost * 1000)} of core time went into {sum(r['tasks'] for r in rows):,} tasks whose work was lost",
        evidence=(
            Evidence("lost", lost, "core.s"),
            Evidence("lost_in_speculation", raced, "core.s"),
            *(Evidence(f"lost_by_{r['end_reason']}", r["lost_ms"] / 1000, "s") for r in rows[:5]),
            Evidence("tasks", sum(r["tasks"] for r in rows), "{task}"),
            Evidence("most_frequent_error", worst["error"], "1"),
            Evidence("stage_with_most", worst["stage_name"], "1"),
        ),
        saving=Saving(
            lost - raced, lost, "time of tasks without a lasting success, without (low) and with (high) lost races of speculation"
        ),
        change=_change(worst["end_reason"]),
        causes=tuple(r["end_reason"] for r in rows[:3]),
    )


def _change(reason: str) -> Change:
    if reason in ("ExecutorLostFailure", "FetchFailed", "Resubmitted"):
        return Change(
            "keep executors alive: more memory overhead where they were killed for memory, decommissioning where nodes go away",
            {"spark.decommission.enabled": "true", "spark.storage.decommission.enabled": "true"},
            effort="medium",
            risk="decommissioning moves blocks over the network while a node drains",
        )
    if reason == "TaskKilled":
        return Change("look at what kills the tasks: stage cancellation, preemption or speculation", effort="medium")
    return Change("fix the error that the tasks end with", effort="medium", rollback="none needed")
