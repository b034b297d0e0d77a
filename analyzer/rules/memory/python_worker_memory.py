"""Python workers use most of the memory that containers have beside the heap.

## What it does
Compares the resident memory of an executor's Python workers with the memory of its container that is not heap.

## Why it costs
Python lives outside the JVM's heap. Where it outgrows the overhead, the container is killed, and every task and shuffle
file of the executor goes with it. Nothing is lost yet, so no saving is claimed.

## How it is measured
Peak `ProcessTreePythonRSSMemory` of each executor (`SparkListenerStageExecutorMetrics`, bytes; reported where
`spark.executor.processTreeMetrics.enabled` is on) against its memory less its heap: overhead, off-heap and PySpark
memory.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Executors of 8 GiB heap and 0.8 GiB overhead run 4 pandas workers of 180 MiB each: 0.7 of 0.8 GiB.

## What to change
Raise the overhead, or set `spark.executor.pyspark.memory` so that Python fails in Python. Fewer cores mean fewer
workers. Smaller Arrow batches mean smaller workers.

## When to ignore
Where the memory of a container is not limited. Silent on standalone clusters and Databricks, which hold executors to no
overhead.

## Sources
Apache Spark, monitoring guide (ProcessTree metrics) and configuration guide (`memoryOverhead` holds Python). The 80 %
mark: sparkledger. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds

MIB = 1 << 20
RULE = Rule(
    code="MEM004",
    category="memory",
    since="0.2",
    query="process_peaks",
    thresholds=(
        Threshold("min_used_share", 0.8, "1", "sparkledger", "Python over the memory beside the heap; the JVM needs some of it, too"),
        Threshold("headroom", 1.5, "1", "Dr. Elephant", "what the peak is multiplied by for the proposed overhead"),
    ),
)


UNCONTAINED = ("standalone", "databricks")
"""Platforms that hold executors to no overhead."""


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    beside = application.memory_bytes_per_executor - application.heap_bytes_per_executor
    peaks = [row["python_bytes"] for row in rows if row["executor_id"] != "driver"]
    peak = max(peaks, default=0)
    if application.local or application.platform.rstrip("?") in UNCONTAINED or beside <= 0 or peak < thresholds["min_used_share"] * beside:
        return
    wanted = int((peak * thresholds["headroom"]) // (64 * MIB) + 1) * 64
    yield Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=Severity.MEDIUM if peak >= beside else Severity.LOW,
        title=f"Python workers of one executor used {figures.size(peak)} of the {figures.size(beside)} that it has beside the heap",
        evidence=(
            Evidence("python_peak", peak, "By"),
            Evidence("memory_beside_heap", beside, "By"),
            Evidence("executors_above_mark", sum(1 for p in peaks if p >= thresholds["min_used_share"] * beside), "{executor}"),
            Evidence("cores_per_executor", application.cores_per_executor, "{core}"),
        ),
        saving=None,
        change=Change("give Python more room beside the heap", {"spark.executor.memoryOverhead": f"{wanted}m"}, risk="memory is billed"),
    )
