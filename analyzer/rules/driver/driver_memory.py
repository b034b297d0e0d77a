"""The driver's heap is far too large or nearly full.

## What it does
Compares the driver's heap with the greatest heap that it reported.

## Why it costs
A full driver collects garbage instead of scheduling, and every executor waits; when it dies, the whole run is lost. A
driver that is much too large holds memory of a node or a billed worker for the whole run; it is one process, so it
weighs little.

## How it is measured
Peak `JVMHeapMemory` of the driver (`SparkListenerStageExecutorMetrics`, bytes; logged where
`spark.eventLog.logStageExecutorMetrics` is on, and sent by the listener) against `spark.driver.memory`. Used heap holds
garbage not yet collected, so a full heap is a hint and a small peak is safe. Silent where the peak is above the
setting: then the driver was started with another heap. No saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`spark.driver.memory` is 32g and the driver never used more than 2.1 GiB: 4g would do.

## What to change
Too small: raise it, or collect and broadcast less. Too large: lower it to the peak with half as much again.

## When to ignore
Drivers that hold other programs' data, such as notebooks.

## Sources
Driver at 1.5 times its peak, driver above 95 %: Dr. Elephant, DataFlint. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds

RULE = Rule(
    code="DRV002",
    category="driver",
    since="0.2",
    query="process_peaks",
    thresholds=(
        Threshold("full_share", 0.95, "1", "DataFlint", "peak over heap: from here the next larger input fails"),
        Threshold("max_used_share", 0.3, "1", "sparkledger", "peak over heap: below it most of the heap was never needed"),
        Threshold("min_spare_bytes", 4 << 30, "By", "sparkledger", "less is not worth a change"),
        Threshold("headroom", 1.5, "1", "Dr. Elephant", "what the peak is multiplied by"),
        Threshold("min_wall_s", 300, "s", "sparkledger", "a short run shows too few peaks"),
    ),
)
MIB = 1 << 20
STEP_BYTES = 512 * MIB
DEFAULT_BYTES = 1 << 30


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    heap = parse_bytes(application.conf.get("spark.driver.memory")) or (0 if application.workers_fixed else DEFAULT_BYTES)
    peak = next((row["heap_bytes"] for row in rows if row["executor_id"] == "driver"), 0)
    # More than the setting allows: the driver's JVM was started with another heap, as in notebooks and on Databricks.
    if application.local or not 0 < peak <= heap or application.wall_ms < thresholds["min_wall_s"] * 1000:
        return
    wanted = int(-(-peak * thresholds["headroom"] // STEP_BYTES) * STEP_BYTES)
    full = peak >= thresholds["full_share"] * heap
    spare = peak < thresholds["max_used_share"] * heap and heap - wanted >= thresholds["min_spare_bytes"]
    if not full and not spare:
        return
    yield Finding(
        rule_code=RULE.code,
        subject="driver",
        severity=Severity.MEDIUM if full else Severity.INFO,
        title=f"the driver has {figures.size(heap)} of heap and used {figures.size(peak)} at its peak ({figures.share(peak / heap)})",
        evidence=(
            Evidence("heap", heap, "By"),
            Evidence("peak_heap", peak, "By"),
            Evidence("results_sent_to_driver", application.result_bytes, "By"),
        ),
        saving=None,
        change=_change(application, wanted, full=full),
        causes=("too_small",) if full else ("too_large",),
    )


def _change(application: Application, wanted_bytes: int, *, full: bool) -> Change:
    risk = "" if full else "larger inputs may collect more"
    if application.workers_fixed:
        return Change(
            ("collect and broadcast less, or run the driver on a larger" if full else "run the driver on a smaller") + " type of node",
            effort="medium",
            risk=risk,
            rollback="restore the former type of node",
        )
    conf = {"spark.driver.memory": f"{wanted_bytes // MIB}m"}
    return Change("give the driver more heap, or collect and broadcast less" if full else "lower the driver's heap", conf, risk=risk)
