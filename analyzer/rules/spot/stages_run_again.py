"""The application waited while stages ran again for lost shuffle output.

## What it does
Looks for later attempts of a stage, and adds up the time in which such attempts ran and the cores that stood idle
meanwhile.

## Why it costs
A stage attempt that recomputes a few lost partitions runs a few tasks, while everything behind it waits and every other
slot is paid for. With Spot capacity this stall costs more than the work itself.

## How it is measured
Stage attempts with an attempt number above 0 (`SparkListenerStageCompleted`), from their first launch to their last
finish; overlapping ones count once. Cores alive are those of executors between addition and removal. What every stage's
tasks ran meanwhile, spread evenly over their stage's time, is not idle, nor are cores that no further task could have
had, as where GPUs limit them. The low end of the saving is half: some of the
stall would have been there with fewer losses as well.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
40 executors of 4 cores; two executors go at the end of the map stage. Its second attempt runs 30 tasks for 4 minutes,
while 130 cores wait: 520 core-minutes.

## What to change
Keep shuffle output off machines that go: decommissioning with migration, a remote shuffle service, or On-Demand
capacity for a core of executors. Find out first why the output was lost: see EXE001.

## When to ignore
A single incident in a job that runs on On-Demand capacity.

## Sources
Apache Spark, `DAGScheduler` (fetch failures resubmit the map stage). Stall model: derived for this project. Read
2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.failures.removals import decommission_conf, machines_went
from analyzer.rules.windows import busy_ms, union

RULE = Rule(
    code="SPT003",
    category="spot",
    since="0.2",
    query="stage_attempts",
    pool="idle",
    thresholds=(
        Threshold("min_share", 0.01, "1", "sparkledger", "idle core time of the stalls over allocated"),
        Threshold("min_stall_s", 60, "s", "sparkledger", "shorter stalls are not worth a change"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    again = [r for r in rows if r["stage_attempt_id"] > 0 and r["tasks"] > 0]
    spans = union((r["first_launch_ms"], r["last_finish_ms"]) for r in again)
    stall_ms = sum(end - start for start, end in spans)
    if application.local or stall_ms < thresholds["min_stall_s"] * 1000:
        return
    alive_ms = sum(application.cores_alive_ms(start, end) for start, end in spans)
    idle_s = max(0.0, alive_ms - sum(busy_ms(rows, start, end) for start, end in spans) * application.cores_a_task) / 1000
    share = application.share_of_allocated(idle_s)
    if share < thresholds["min_share"]:
        return
    conf = decommission_conf(application) if machines_went(application) else {}
    worst = max(again, key=lambda r: r["last_finish_ms"] - r["first_launch_ms"])
    yield Finding(
        rule_code=RULE.code,
        subject="stages",
        severity=severity_of(share * 0.75),
        title=f"{figures.duration(stall_ms)} went into running stages again, while {figures.share(share)} of the core time stood idle",
        evidence=(
            Evidence("stage_attempts_run_again", len(again), "{stage}"),
            Evidence("stall", stall_ms, "ms"),
            Evidence("tasks_run_again", sum(r["tasks"] for r in again), "{task}"),
            Evidence("idle_meanwhile", round(idle_s, 3), "core.s"),
            Evidence("longest_stage", worst["stage_name"], "1"),
        ),
        saving=Saving(idle_s / 2, idle_s, "idle core time while stages ran again, half of it (low) or all (high)", spans=tuple(spans)),
        change=Change(
            "keep shuffle output when executors go" if conf else "find out why shuffle output was lost (EXE001), and keep executors alive",
            conf,
            effort="medium",
            risk="moving blocks takes network while a node drains" if conf else "",
        ),
    )
