"""Executors died while the application ran.

## What it does
Counts the executors that went for another reason than idleness or the end of the application, by cause: killed for
memory, out of heap, lost with their machine, given up with their worker, silent until their heartbeats timed out,
preempted, or not told.

## Why it costs
Tasks that ran on a dead executor run again, and so do finished ones whose shuffle output lay there. A new executor is
paid for while it starts.

## How it is measured
`Removed Reason` of `SparkListenerExecutorRemoved`, by the words that YARN, Kubernetes and Spark use; exit code 137 is a
container killed at its limit, 52 an OutOfMemoryError, 56 failed heartbeats. Lost: time of tasks that ended as
`ExecutorLostFailure` and in no `Success` that came late, and of finished tasks that ended as `Resubmitted`, on these
executors. FLT001 claims that time; this rule says why.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
9 of 40 executors end with exit code 137: the container reached its limit, though no heap was full. Python workers and
shuffle buffers live in the overhead, which was left at a tenth of the heap.

## What to change
Killed for memory: fewer cores an executor, so that fewer tasks share its memory, then more overhead. Out of heap: fewer
cores, then more heap; overhead does not help. Machine lost: let Spark decommission the executor, so that its blocks move
first. Heartbeats: long collections or a starved driver; a longer time-out only hides them.

## When to ignore
Single losses among hundreds of executors, which any large cluster has.

## Sources
Apache Spark, `ExecutorExitCode` (50 to 56) and configuration guide (memory overhead). Fewer concurrent tasks before
more memory: Dr. Elephant, Pinterest, Uber (facts collected for this project). Read 2026-11.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds, severity_of
from analyzer.rules.executor_size import fewer_cores, resized
from analyzer.rules.failures.removals import NODE_CAUSES, RELEASED, cause_of, decommission_conf

MIB = 1 << 20
RULE = Rule(
    code="EXE001",
    category="failures",
    since="0.2",
    query="executor_removals",
    thresholds=(
        Threshold("min_lost", 2, "{executor}", "sparkledger", "one loss of a cause is bad luck"),
        Threshold("min_lost_share", 0.05, "1", "sparkledger", "lost executors over all; large clusters always lose some"),
        Threshold("min_lost_work_share", 0.005, "1", "sparkledger", "or this much of the core time, lost with fewer executors"),
    ),
)
TITLES = {
    "out_of_memory": "were killed for using too much memory",
    "heap_exhausted": "ran out of heap",
    "decommissioned": "were decommissioned with their machine",
    "preempted": "were preempted",
    "node_lost": "were lost with their machine",
    "worker_lost": "were given up because their worker fell silent",
    "heartbeat": "stopped answering heartbeats",
    "unknown": "went without a reason that tells why",
}
SUBJECTS = {"node_lost": "machine lost", "worker_lost": "worker silent", "heartbeat": "heartbeats missing", "unknown": "reason unknown"}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each cause that took enough executors or work."""
    by_cause: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        cause = cause_of(row["removed_reason"])
        if cause != RELEASED:
            by_cause[cause].append(row)
    executors = max(1, len(application.executors))
    for cause, lost in sorted(by_cause.items()):
        work_s = sum(r["lost_ms"] + r["resubmitted_ms"] for r in lost) * application.task_cpus / 1000
        share = application.share_of_allocated(work_s)
        many = len(lost) >= thresholds["min_lost"] and len(lost) >= thresholds["min_lost_share"] * executors
        if many or share >= thresholds["min_lost_work_share"]:
            yield _finding(application, cause, lost, work_s, executors)


def _finding(application: Application, cause: str, lost: Sequence[Row], work_s: float, executors: int) -> Finding:
    words = Counter(r["removed_reason"][:200] for r in lost).most_common(1)[0][0]
    return Finding(
        rule_code=RULE.code,
        subject=f"executors, {SUBJECTS.get(cause, cause.replace('_', ' '))}",
        severity=max(Severity.LOW, severity_of(application.share_of_allocated(work_s))),
        title=f"{len(lost):,} of {figures.count(executors, 'executor')} {TITLES[cause] if len(lost) > 1 else _of_one(TITLES[cause])}",
        evidence=(
            Evidence("executors_lost", len(lost), "{executor}"),
            Evidence("executors", executors, "{executor}"),
            Evidence("hosts", len({r["host"] for r in lost}), "{host}"),
            Evidence("tasks_lost", sum(r["lost_tasks"] for r in lost), "{task}"),
            Evidence("finished_tasks_run_again", sum(r["resubmitted_tasks"] for r in lost), "{task}"),
            Evidence("lost_work", round(work_s, 3), "core.s"),
            Evidence("most_frequent_reason", words, "1"),
        ),
        saving=None,
        change=_change(application, cause),
        causes=() if cause == "unknown" else (cause,),
    )


def _of_one(words: str) -> str:
    """What is said of several executors, said of one."""
    return words.replace("were ", "was ").replace("their", "its")


def _change(application: Application, cause: str) -> Change:
    if cause == "out_of_memory":
        overhead = max(384 * MIB, application.memory_bytes_per_executor - application.heap_bytes_per_executor)
        contained, fewer = not application.platform.startswith("standalone"), fewer_cores(application)
        conf = {"spark.executor.memoryOverhead": f"{overhead * 2 // MIB}m"} if contained else {}
        if fewer:
            conf = {"spark.executor.cores": str(fewer), **conf}
        ways = (["let fewer tasks share an executor's memory"] if fewer else []) + (["double the overhead"] if contained else [])
        return resized(
            application,
            ", and ".join(ways) or "give executors more memory, or each of their tasks less to hold",
            conf,
            risk="memory is billed" + ("; fewer cores an executor mean more executors for as much parallelism" if fewer else ""),
        )
    if cause == "heap_exhausted":
        heap, fewer = application.heap_bytes_per_executor, fewer_cores(application)
        return resized(
            application,
            "let fewer tasks share an executor's heap" if fewer else "give executors more heap, or each of their tasks less to hold",
            {"spark.executor.cores": str(fewer)} if fewer else {"spark.executor.memory": f"{heap * 3 // 2 // MIB}m"} if heap else {},
            risk="fewer cores an executor mean more executors for as much parallelism" if fewer else "memory is billed",
        )
    if cause == "worker_lost":
        return Change(
            "look at the worker's log: its machine went, or it paused (swapping, collections) for longer than spark.worker.timeout",
            effort="medium",
            rollback="none needed",
        )
    conf = decommission_conf(application)
    if cause in NODE_CAUSES and conf:
        migration = {f"spark.storage.decommission.{blocks}.enabled": "true" for blocks in ("shuffleBlocks", "rddBlocks")}
        return Change(
            "let executors move their blocks before their machine goes",
            {**conf, **migration},
            risk="moving blocks takes network while a node drains",
        )
    if cause in NODE_CAUSES and application.spark_line >= (3, 1):
        return Change(
            "decommissioning is on: look whether the notice reached the executors and their blocks had time and room to move",
            effort="medium",
        )
    if cause in NODE_CAUSES:
        return Change("run on machines that stay, or on Spark 3.1 and later, which moves blocks off a machine that goes", effort="high")
    if cause == "heartbeat":
        return Change("look at garbage collection on the executors and at the driver's load", effort="medium")
    return Change("look at the last lines of these executors' logs", effort="medium", rollback="none needed")
