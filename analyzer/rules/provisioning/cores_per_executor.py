"""Executors have a number of cores that does not suit the work.

## What it does
Looks for executors whose cores the cores of a task do not divide, for many executors of a single core, and for large
executors that spend much of their time in garbage collection.

## Why it costs
Cores that no task fits on are paid for and never used. Executors of one core share nothing: each holds its own copy of
every broadcast and its own overhead. In very large executors many tasks share one heap, and each collection stops them
all.

## How it is measured
Cores of executors (`SparkListenerExecutorAdded`), `spark.task.cpus`, and `JVM GC Time` / `Executor Run Time` over all
stages. Only the first has a saving: the unused remainder of each executor's cores over its life. The memory of
single-core executors that is not heap is shown.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`spark.task.cpus` is 3 on executors of 8 cores: two tasks run on six, and a quarter of all core-hours is never used.

## What to change
Cores that are a multiple of `spark.task.cpus`; 4 to 5 cores an executor as a start, memory in proportion.

## When to ignore
Tasks that start threads of their own beyond `spark.task.cpus`, or GPUs that fix the number of tasks.

## Sources
Apache Spark, configuration guide (`spark.task.cpus`). More than 6 to 10 cores as a fault: Dr. Elephant. 4 cores as a
default: AWS EMR Serverless. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Evidence, Finding, Row, Rule, Saving, Severity, Threshold, Thresholds, severity_of
from analyzer.rules.executor_size import counts_for, fewer_cores, resized

MIB = 1 << 20
RULE = Rule(
    code="PRV003",
    category="provisioning",
    since="0.2",
    query="stage_attempts",
    pool="idle",
    thresholds=(
        Threshold("min_single_core_executors", 16, "{executor}", "sparkledger", "fewer copies of overhead and broadcasts cost little"),
        Threshold("max_cores", 8, "{core}", "Dr. Elephant", "more tasks share one heap and one collector"),
        Threshold("min_gc_share", 0.1, "1", "sparkforensics", "collection over run time that makes large executors a fault"),
        Threshold("min_run_s", 3600, "s", "sparkledger", "an hour of run time: less says nothing of garbage collection"),
        Threshold("min_wall_s", 300, "s", "sparkledger", "a shorter run is not worth a change"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    cores, cpus = application.cores_per_executor, application.task_cpus
    if application.local or cores <= 0 or not rows or application.wall_ms < thresholds["min_wall_s"] * 1000:
        return
    run, gc = sum(r["run_ms"] for r in rows), sum(r["gc_ms"] for r in rows)
    if cpus > 1 and cores % cpus:
        yield _uneven(application, cores, cpus)
    elif cores == 1 and application.executors_peak >= thresholds["min_single_core_executors"]:
        yield _single(application)
    elif (
        cores > thresholds["max_cores"]
        and fewer_cores(application)
        and run >= thresholds["min_run_s"] * 1000
        and thresholds["min_gc_share"] * run < gc < run
    ):
        yield _large(application, cores, gc / run)


def _uneven(application: Application, cores: int, cpus: int) -> Finding:
    unused_s = sum((e.removed_ms - e.added_ms) * (e.cores % cpus) for e in application.executors) / 1000
    share = application.share_of_allocated(unused_s)
    return Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=severity_of(share),
        title=f"tasks of {cpus} cores do not fill executors of {cores}: {figures.share(share)} of the core time can never have a task",
        evidence=(
            Evidence("cores_per_executor", cores, "{core}"),
            Evidence("task_cpus", cpus, "{core}"),
            Evidence("unused", unused_s, "core.s"),
        ),
        saving=Saving(unused_s, unused_s, "cores that no task fits on, over the executors' lives"),
        change=resized(
            application,
            "give executors a multiple of the cores of a task",
            {"spark.executor.cores": str(max(cpus, cores - cores % cpus))},
            risk="on fixed machines check that executors of the new size fill them",
        ),
        causes=("task_cpus",),
    )


def _single(application: Application) -> Finding:
    beside = application.memory_bytes_per_executor - application.heap_bytes_per_executor
    conf = {"spark.executor.cores": "4"}
    if application.heap_bytes_per_executor > 0:
        conf["spark.executor.memory"] = f"{application.heap_bytes_per_executor * 4 // MIB}m"
    return Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=Severity.LOW,
        title=f"{application.executors_peak:,} executors have one core each: nothing is shared between their tasks",
        evidence=(
            Evidence("executors_peak", application.executors_peak, "{executor}"),
            Evidence("heap_per_executor", application.heap_bytes_per_executor, "By"),
            Evidence("memory_beside_heap_of_all", beside * application.executors_peak, "By"),
        ),
        saving=None,
        change=resized(
            application,
            "give executors four cores and four times the heap, and ask for a quarter as many",
            {**conf, **counts_for(application, 1 / 4)},
            risk="a lost executor takes more along",
        ),
        causes=("single_core",),
    )


def _halved(application: Application) -> dict[str, str]:
    """Cores and heap of half an executor."""
    heap = application.heap_bytes_per_executor
    return {"spark.executor.cores": str(fewer_cores(application)), **({"spark.executor.memory": f"{heap // 2 // MIB}m"} if heap else {})}


def _large(application: Application, cores: int, gc_share: float) -> Finding:
    return Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=Severity.LOW,
        title=f"executors of {cores} cores spend {figures.share(gc_share)} of their run time in garbage collection",
        evidence=(
            Evidence("cores_per_executor", cores, "{core}"),
            Evidence("gc_share", round(gc_share, 4), "1"),
            Evidence("heap_per_executor", application.heap_bytes_per_executor, "By"),
        ),
        saving=None,
        change=resized(
            application,
            "split executors: half the cores and half the memory, twice as many",
            {**_halved(application), **counts_for(application, 2)},
            risk="broadcasts and overhead are held once more on each machine",
        ),
        causes=("large",),
    )
