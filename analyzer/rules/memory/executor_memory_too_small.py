"""Executors have too little memory: tasks both collect garbage and spill.

## What it does
Looks for an application whose tasks spend much of their run time in garbage collection while most tasks of its spilling
stages spill, so that both signs point the same way.

## Why it costs
Collection stops all slots of an executor, and spilled data is written and read again within the task.

## How it is measured
`JVM GC Time` / `Executor Run Time` over all stages; `Disk Bytes Spilled` over what was read, only of stages whose
median task spilled: where a few tasks spill, the cause is skew, and more memory would be bought for all to serve a few
(`SparkListenerTaskEnd`). The saving is the collection above the share of a healthy job (high) or above the threshold
(low). MEM001 and MEM002 tell one sign each and are silent beside this rule.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Executors of 4 cores and 4 GiB of heap: 17 % of 60 hours is collection, and two joins spill 900 GiB of the 1.1 TiB they
read.

## What to change
First fewer cores an executor: the same memory for fewer tasks, at no price. Then more heap. Or more partitions, so that
each needs less.

## When to ignore
Short runs, and jobs whose spill is a planned external sort.

## Sources
Fewer concurrent tasks before more memory, and the ladder of Dr. Elephant. Apache Spark, tuning guide (memory). 10 % and
1 %: sparkforensics, AWS EMR best practices. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.executor_size import fewer_cores, resized

MIB = 1 << 20
RULE = Rule(
    code="MEM003",
    category="memory",
    since="0.2",
    query="stage_attempts",
    pool="busy",
    yields_to=("SKW001", "SKW002"),
    thresholds=(
        Threshold("min_gc_share", 0.1, "1", "sparkforensics, kubeflow", "collection over run time"),
        Threshold("ideal_gc_share", 0.01, "1", "AWS, EMR best practices", "what a job with enough memory spends"),
        Threshold("min_gc_s", 60, "s", "sparkledger", "slot time lost; less is start-up"),
        Threshold("min_spilled_bytes", 1 << 30, "By", "sparkledger", "less is written in a moment"),
        Threshold("min_spilled_share", 0.1, "1", "Dr. Elephant", "spilled over read, of stages whose median task spills"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    run, gc = sum(r["run_ms"] for r in rows), sum(r["gc_ms"] for r in rows)
    if application.local or run <= gc or gc < thresholds["min_gc_s"] * 1000 or gc <= thresholds["min_gc_share"] * run:
        return
    spilling = [r for r in rows if r["p50_disk_spilled_bytes"] > 0]
    spilled = sum(r["disk_spilled_bytes"] for r in spilling)
    read = sum(r["input_bytes"] + r["shuffle_read_bytes"] for r in spilling)
    if spilled < thresholds["min_spilled_bytes"] or spilled < thresholds["min_spilled_share"] * read:
        return
    low, high = ((gc - thresholds[name] * run) * application.task_cpus / 1000 for name in ("min_gc_share", "ideal_gc_share"))
    worst = max(spilling, key=lambda r: r["disk_spilled_bytes"])
    cores, heap = application.cores_per_executor, application.heap_bytes_per_executor
    fewer = fewer_cores(application)
    more_heap = {"spark.executor.memory": f"{heap * 3 // 2 // MIB}m"} if heap else {}
    yield Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=severity_of(application.share_of_allocated((low + high) / 2)),
        title=f"{figures.share(gc / run)} of the run time was garbage collection, and tasks spilled {figures.size(spilled)} to disk",
        evidence=(
            Evidence("gc_share", round(gc / run, 4), "1"),
            Evidence("gc_time", gc / 1000, "s"),
            Evidence("disk_spilled", spilled, "By"),
            Evidence("read_by_spilling_stages", read, "By"),
            Evidence("stage_with_most_spill", worst["stage_name"], "1"),
            Evidence("heap_per_executor", heap, "By"),
            Evidence("cores_per_executor", cores, "{core}"),
        ),
        saving=Saving(max(0.0, low), high, "collection above the threshold's share (low) or above the ideal one (high)"),
        change=resized(
            application,
            "let fewer tasks share an executor's memory" if fewer else "give executors more heap",
            {"spark.executor.cores": str(fewer)} if fewer else more_heap,
            risk="fewer cores an executor mean more executors for as much parallelism" if fewer else "memory is billed",
        ),
        stage_id=worst["stage_id"],
        stage_attempt_id=worst["stage_attempt_id"],
        causes=("gc", "spill"),
    )
