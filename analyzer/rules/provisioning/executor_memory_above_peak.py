"""Executors are given far more heap than they ever used.

## What it does
Compares the heap of an executor with the greatest heap that any executor reported, and proposes a smaller one with
headroom.

## Why it costs
On EMR Serverless and EMR on EKS memory is billed by the GB-hour. On EC2 a smaller executor saves where more of them fit
on a node, or where a family with less memory does; else it is freed, not saved.

## How it is measured
Upper bound of the need: peak `JVMHeapMemory` (task and stage executor metrics, bytes). It includes garbage that was not
yet collected, so it overstates. Lower bound: peak `OnHeapUnifiedMemory` / `spark.memory.fraction` + 300 MB. Each with
headroom. The saving is the difference to the heap, overhead unchanged, over the GB-seconds of all executors: low with
the upper bound, high with the lower. The proposed setting uses the upper bound. Silent without peak metrics, on spill,
and on garbage collection above its mark.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
20 executors with 16 GiB heap; no executor ever reported more than 6.1 GiB, garbage collection took 1 % and nothing
spilled. 1.2 x 6.1 = 7.3 GiB, rounded up to 7.5 GiB: 8.5 of 17.6 GiB with overhead are not needed.

## What to change
Lower `spark.executor.memory`, one step at a time and with larger inputs in mind. Peaks are polled at heartbeats (10 s)
and shorter ones are missed; a cut too deep ends in spill or lost executors.

## When to ignore
When the run was smaller than usual, or memory is what fixes the number of executors a node.

## Sources
Apache Spark, executor metrics (monitoring guide) and memory management (tuning guide). The 70 % mark and x1.2:
DataFlint; pressure gate: spark-advisor. Read 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.executor_size import resized

GIB = 1 << 30
MIB = 1 << 20
RESERVED_BYTES = 300 * MIB
"""Heap that Spark keeps out of its unified region."""
STEP_BYTES = 256 * MIB
LEAST_HEAP_BYTES = GIB
"""Spark's default; below 450 MiB it does not start an executor."""
RULE = Rule(
    code="PRV002",
    category="provisioning",
    since="0.1",
    pool="memory",
    thresholds=(
        Threshold("max_used_share", 0.7, "1", "DataFlint", "peak heap over the heap given; above it the headroom is modest"),
        Threshold("headroom", 1.2, "1", "DataFlint", "what the peak is multiplied by"),
        Threshold(
            "max_gc_share", 0.1, "1", "sparkforensics", "garbage collection over run time: above it memory is short, whatever the peak says"
        ),
        Threshold("min_freed_bytes", 1 << 30, "By", "sparkledger", "less an executor is not worth a change"),
        Threshold("min_wall_s", 300, "s", "sparkledger", "peaks are polled every 10 s; a short run shows too few of them"),
        Threshold("min_reporting_share", 0.5, "1", "sparkledger", "executors with peaks over executors with tasks"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    heap = application.heap_bytes_per_executor
    for row in rows:
        peak = row["peak_heap_bytes"]
        if application.local or heap <= 0 or not _is_clear(application, row, thresholds) or peak >= thresholds["max_used_share"] * heap:
            continue
        upper = _step_up(thresholds["headroom"] * peak)
        lower = min(upper, _step_up(thresholds["headroom"] * _lower_bound(application, row["peak_unified_bytes"])))
        if heap - upper < thresholds["min_freed_bytes"]:
            continue
        yield _finding(application, row, upper, lower)


def _is_clear(application: Application, row: Row, t: Thresholds) -> bool:
    """Whether enough peaks were seen over a long enough run, and nothing says that memory was short."""
    return (
        row["peak_heap_bytes"] > 0
        and application.wall_ms >= t["min_wall_s"] * 1000
        and row["executors_reporting"] >= t["min_reporting_share"] * row["executors_used"]
        and row["memory_spilled_bytes"] == 0
        and row["gc_ms"] <= t["max_gc_share"] * row["run_ms"]
    )


def _lower_bound(application: Application, unified_bytes: int) -> float:
    try:
        fraction = float(application.conf.get("spark.memory.fraction", "0.6"))
    except ValueError:
        fraction = 0.6
    return unified_bytes / max(0.1, fraction) + RESERVED_BYTES


def _step_up(count: float) -> int:
    return max(LEAST_HEAP_BYTES, math.ceil(count / STEP_BYTES) * STEP_BYTES)


def _finding(application: Application, row: Row, upper: int, lower: int) -> Finding:
    heap, total = application.heap_bytes_per_executor, application.memory_bytes_per_executor
    low, high = ((heap - need) / total * application.allocated_memory_gb_s for need in (upper, lower))
    return Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=severity_of((heap - upper) / total / 3),
        title=(
            f"executors have {figures.size(heap)} of heap and never used more than {figures.size(row['peak_heap_bytes'])} "
            f"({figures.share(row['peak_heap_bytes'] / heap)})"
        ),
        evidence=(
            Evidence("heap_per_executor", heap, "By"),
            Evidence("memory_per_executor", total, "By"),
            Evidence("peak_heap", row["peak_heap_bytes"], "By"),
            Evidence("peak_unified_memory", row["peak_unified_bytes"], "By"),
            Evidence("needed_heap_upper_bound", upper, "By"),
            Evidence("needed_heap_lower_bound", lower, "By"),
            Evidence("gc_share", round(row["gc_ms"] / row["run_ms"], 4) if row["run_ms"] else 0.0, "1"),
            Evidence("executors_reporting", row["executors_reporting"], "{executor}"),
        ),
        saving=Saving(
            0.0,
            0.0,
            "heap beyond 1.2 times the peak heap with its garbage (low) or the peak of execution and storage memory (high); on EC2 saved "
            "only where more executors fit on a node or fewer nodes do",
            low,
            high,
        ),
        change=resized(
            application,
            "lower the executors' heap",
            {"spark.executor.memory": f"{upper // MIB}m"},
            risk="larger inputs may spill or lose executors; watch the next runs",
        ),
    )
