"""Machines went away with shuffle output that had to be computed again, and nothing was moved off them.

## What it does
Looks for executors that left with their machine (decommissioned, preempted, node lost) and whose finished map output
was then computed again, in an application that does not migrate blocks.

## Why it costs
Finished tasks run a second time, and the stages that need their output wait for them: the stall is mostly longer than
the work.

## How it is measured
`Removed Reason` of `SparkListenerExecutorRemoved` by its words; finished tasks that ended again as `Resubmitted` on
these executors; `spark.decommission.enabled` and `spark.storage.decommission.*` from the configuration. FLT001 claims
the time that was lost, so no saving is claimed here.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Of 60 Spot executors 7 leave in two hours; 1,900 finished map tasks of 40 s run again, 21 core-hours, and two joins wait
for them.

## What to change
Turn on decommissioning with migration of shuffle and cached blocks: executors use the two minutes of notice to copy
them to their peers. On YARN and EMR the node managers have to pass the notice on. A fallback location takes blocks when
no peer has room.

## When to ignore
When a remote shuffle service keeps shuffle output off the executors.

## Sources
Apache Spark, configuration guide, `spark.decommission.*` and `spark.storage.decommission.*` (since 3.1). AWS, Spot
interruption notices (two minutes). Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds, severity_of
from analyzer.rules.failures.removals import NODE_CAUSES, cause_of

RULE = Rule(
    code="SPT002",
    category="spot",
    since="0.2",
    query="executor_removals",
    thresholds=(
        Threshold("min_share", 0.005, "1", "sparkledger", "work that ran again over allocated core time"),
        Threshold("min_tasks", 10, "{task}", "sparkledger", "fewer tasks that ran again stall nothing"),
    ),
)
SWITCHES = ("spark.decommission.enabled", "spark.storage.decommission.enabled", "spark.storage.decommission.shuffleBlocks.enabled")


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    # The third switch is on by default once the second is.
    off = [key for key in SWITCHES if not application.enabled(key, default=key == SWITCHES[2])]
    gone = [r for r in rows if cause_of(r["removed_reason"]) in NODE_CAUSES]
    tasks = sum(r["resubmitted_tasks"] for r in gone)
    again_s = sum(r["resubmitted_ms"] for r in gone) * application.task_cpus / 1000
    share = application.share_of_allocated(again_s)
    if not off or application.spark_line < (3, 1) or tasks < thresholds["min_tasks"] or share < thresholds["min_share"]:
        return
    yield Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=max(Severity.LOW, severity_of(share)),
        title=f"{figures.count(len(gone), 'executor')} left with their machine and {tasks:,} finished tasks had to run again",
        evidence=(
            Evidence("executors_gone", len(gone), "{executor}"),
            Evidence("finished_tasks_run_again", tasks, "{task}"),
            Evidence("work_run_again", again_s, "core.s"),
            Evidence("running_tasks_lost", sum(r["lost_tasks"] for r in gone), "{task}"),
            Evidence("switched_off", ", ".join(off), "1"),
        ),
        saving=None,
        change=Change(
            "move shuffle and cached blocks off a machine before it goes",
            dict.fromkeys((*SWITCHES, "spark.storage.decommission.rddBlocks.enabled"), "true"),
            risk="moving blocks takes network while a node drains; blocks larger than two minutes of it are lost all the same",
        ),
        causes=tuple(sorted({cause_of(r["removed_reason"]) for r in gone})),
    )
