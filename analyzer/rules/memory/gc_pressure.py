"""Tasks spend much of their time in garbage collection.

## What it does
Compares the time that the JVM collected garbage while tasks ran with their run time, over the whole application.

## Why it costs
A collection stops every task of its executor; all slots are paid for meanwhile.

## How it is measured
`JVM GC Time` / `Executor Run Time`, summed over successful tasks (ms). The time is that of the executor's JVM while the
task ran, so on an executor of several slots each task counts the same pause: the sum is slot time, as is the run time.
The first tasks of an executor are left out where they are short: their collections are those of loading classes and of
a heap that still grows, and more memory saves none of them. Silent where collection exceeds run time: then the
collector works beside the tasks (ZGC, Shenandoah), and its time is no pause. The saving is what lies above the share of
a healthy job (high) or above the threshold (low).

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Run time 10 h, collection 2.2 h: 22 %. Above 1 % lie 2.1 core-hours, above 10 % 1.2.

## What to change
More memory for each task: fewer cores an executor or a larger heap. Less garbage: no UDFs over boxed values, columnar
caching, serialised caching instead of objects. A larger heap makes each pause longer.

## When to ignore
Collectors that work beside the tasks (ZGC, Shenandoah, and from Java 21 on a part of G1): their time is no pause.

## Sources
Apache Spark, tuning guide (garbage collection). 10 % and its floors: sparkforensics, spark-advisor. 1 % as the ideal:
AWS, EMR best practices. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.executor_size import resized

RULE = Rule(
    code="MEM002",
    category="memory",
    since="0.1",
    explained_by=("MEM003",),
    pool="busy",
    thresholds=(
        Threshold("min_gc_share", 0.1, "1", "sparkforensics, kubeflow", "collection over run time"),
        Threshold("ideal_gc_share", 0.01, "1", "AWS, EMR best practices", "what a job with enough memory spends"),
        Threshold("min_gc_s", 60, "s", "sparkledger", "slot time lost; less is start-up"),
        Threshold(
            "start_up_s", 60, "s", "sparkledger", "a shorter first task of an executor shows class loading and the first collections"
        ),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    for row in rows:
        run, gc = row["run_ms"], row["gc_ms"]
        if run <= gc or gc < thresholds["min_gc_s"] * 1000 or gc <= thresholds["min_gc_share"] * run:
            continue
        low, high = ((gc - thresholds[name] * run) * application.task_cpus / 1000 for name in ("min_gc_share", "ideal_gc_share"))
        low, high = min(low, high), max(low, high)
        yield Finding(
            rule_code=RULE.code,
            subject="executors",
            severity=severity_of(application.share_of_allocated((low + high) / 2)),
            title=(
                f"{figures.share(gc / run)} of the run time of tasks was garbage collection: "
                f"{figures.duration(gc)} of {figures.duration(run)}"
            ),
            evidence=(
                Evidence("run_time", run / 1000, "s"),
                Evidence("gc_time", gc / 1000, "s"),
                Evidence("gc_share", round(gc / run, 4), "1"),
                Evidence("stage_with_most", row["worst_stage_name"], "1"),
                Evidence("gc_time_of_that_stage", row["worst_stage_gc_ms"] / 1000, "s"),
                Evidence("run_time_of_that_stage", row["worst_stage_run_ms"] / 1000, "s"),
            ),
            saving=Saving(max(0.0, low), high, "collection above the threshold's share (low) or above the ideal one (high)"),
            change=_change(application),
        )


def _change(application: Application) -> Change:
    cores, heap = application.cores_per_executor, application.heap_bytes_per_executor
    if application.local or heap <= 0:
        return Change("give the driver, which runs the tasks, more heap (spark.driver.memory), or create less garbage", effort="medium")
    conf = {"spark.executor.memory": f"{heap * 3 // 2 // (1 << 20)}m"}
    return resized(
        application,
        f"give each of the {max(1, cores)} slots of an executor more memory: half as much again, or fewer cores",
        conf,
        risk="memory is billed; a larger heap pauses longer",
    )
