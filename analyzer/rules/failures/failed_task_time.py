"""Core time went into tasks that failed, were killed, or had to run again.

## What it does
Adds up the time of tasks that never succeeded, and of tasks that succeeded but whose output was lost with their
executor. Causes are told apart: lost executors, errors, tasks that were killed.

## Why it costs
The slots were paid for and their work thrown away; what failed is mostly run again.

## How it is measured
Duration of each task once, by task id, where no end was `Success` or one was `Resubmitted` (`SparkListenerTaskEnd`). A
late `Success` after `ExecutorLostFailure` counts as success. Copies that lost a race of speculation are left to SPE001.

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
from analyzer.rules.failures.removals import decommission_conf, machines_went

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

CAUSES = {
    "ExecutorLostFailure": "lost_executor",
    "FetchFailed": "lost_executor",
    "Resubmitted": "lost_executor",
    "TaskKilled": "killed",
}
"""What to look at for an end reason of Spark; any other is an error of the task."""
TITLES = {"lost_executor": " with their executors", "killed": ": they were killed", "error": " in errors"}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each cause of enough lost work."""
    by_cause: dict[str, list[Row]] = {}
    for row in rows:
        by_cause.setdefault(CAUSES.get(row["end_reason"], "error"), []).append(row)
    for cause, group in by_cause.items():
        lost_s = sum(_lost_ms(r) for r in group) * application.task_cpus / 1000
        if lost_s >= thresholds["min_lost_s"] and application.share_of_allocated(lost_s) >= thresholds["min_share"]:
            yield _finding(application, cause, group, lost_s)


def _lost_ms(row: Row) -> int:
    return int(row["lost_ms"] - row["speculative_ms"])


def _finding(application: Application, cause: str, group: Sequence[Row], lost_s: float) -> Finding:
    worst = max(group, key=_lost_ms)
    tasks = sum(r["tasks"] - r["speculative_tasks"] for r in group)
    return Finding(
        rule_code=RULE.code,
        subject=worst["end_reason"],
        severity=severity_of(application.share_of_allocated(lost_s)),
        title=f"{figures.duration(lost_s * 1000)} of core time went into {tasks:,} tasks whose work was lost{TITLES[cause]}",
        evidence=(
            Evidence("lost", lost_s, "core.s"),
            *(Evidence(f"lost_by_{r['end_reason']}", _lost_ms(r) / 1000, "s") for r in group[:5]),
            Evidence("tasks", tasks, "{task}"),
            *((Evidence("most_frequent_error", worst["error"], "1"),) if worst["error"] else ()),
            Evidence("stage_with_most", worst["stage_name"], "1"),
        ),
        saving=Saving(lost_s, lost_s, "time of tasks without a lasting success, races of speculation left out"),
        change=_change(application, cause),
        causes=tuple(r["end_reason"] for r in group[:3]),
    )


def _change(application: Application, cause: str) -> Change:
    if cause == "lost_executor":
        conf = decommission_conf(application) if machines_went(application) else {}
        return Change(
            "keep executors alive: more memory overhead where they were killed for memory"
            + (", decommissioning where nodes go away" if conf else ""),
            conf,
            effort="medium",
            risk="decommissioning moves blocks over the network while a node drains" if conf else "",
        )
    if cause == "killed":
        return Change("look at what kills the tasks: a stage that failed or was cancelled, or preemption", effort="medium")
    return Change("fix the error that the tasks end with", effort="medium", rollback="none needed")
