"""A join broadcasts a large table.

## What it does
Looks for broadcast exchanges whose data is large, or that took long to build and send.

## Why it costs
The driver collects the table, builds it, and sends a copy to every executor, while the join waits. Every executor holds
it in its heap, which leaves less for the work; at the limit the driver or the executors run out of memory.

## How it is measured
`data size` of BroadcastExchange in the final plan (bytes in memory), and the sum of `time to build` and `time to
broadcast` (ms). `time to collect` holds the tasks that compute the table as well, so it is shown and does not count. No
saving is claimed: what the alternative would cost is not in the events.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A hint broadcasts 2.6 GiB of customers to 80 executors of 8 GiB heap: 65 s in which the driver builds and sends it,
and a third of each heap.

## What to change
Select only the columns and rows that the join needs; drop the hint or lower `spark.sql.autoBroadcastJoinThreshold`, so
that both sides are shuffled.

## When to ignore
When the other side is so large that shuffling it costs more.

## Sources
Apache Spark, `BroadcastExchangeExec` (metrics; limit of 8 GB) and SQL performance tuning guide. 1 GiB as a fault:
DataFlint. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.sql.plans import Node, nodes_of

RULE = Rule(
    code="SQL002",
    category="sql",
    since="0.2",
    query="plan_operators",
    thresholds=(
        Threshold("min_size_bytes", 1 << 30, "By", "DataFlint", "data size of the broadcast"),
        Threshold("min_heap_share", 0.2, "1", "sparkledger", "or this share of an executor's heap"),
        Threshold("min_size_of_heap_bytes", 256 << 20, "By", "sparkledger", "smaller ones fit any heap"),
        Threshold("min_time_ms", 60_000, "ms", "sparkledger", "or this long to build and send"),
    ),
)
DRIVER_TIMES = ("time to build", "time to broadcast")
TIMES = ("time to collect", *DRIVER_TIMES)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each broadcast that is too large or too slow."""
    heap = application.heap_bytes_per_executor
    for node in nodes_of(rows):
        if node.name != "BroadcastExchange":
            continue
        size = max(0, node.metrics.get("data size", 0))
        took_ms = sum(max(0, node.metrics.get(name, 0)) for name in DRIVER_TIMES)
        large = size >= thresholds["min_size_bytes"]
        heavy = heap > 0 and size >= max(thresholds["min_size_of_heap_bytes"], thresholds["min_heap_share"] * heap)
        slow = took_ms >= thresholds["min_time_ms"]
        if large or heavy or slow:
            yield _finding(application, node, size, took_ms, severe=(large or heavy) and slow)


def _finding(application: Application, node: Node, size: int, took_ms: int, *, severe: bool) -> Finding:
    heap = application.heap_bytes_per_executor
    return Finding(
        rule_code=RULE.code,
        subject="BroadcastExchange",
        severity=Severity.MEDIUM if severe else Severity.LOW,
        title=f"a join broadcast {figures.size(size)} to every executor, which the driver built and sent for {figures.duration(took_ms)}",
        evidence=(
            Evidence("data_size", size, "By"),
            *(Evidence(name.replace(" ", "_"), node.metrics.get(name, 0), "ms") for name in TIMES),
            Evidence("rows", node.rows_out, "{row}"),
            *((Evidence("heap_share", round(size / heap, 4), "1"),) if heap > 0 else ()),
            Evidence("executors_peak", application.executors_peak, "{executor}"),
        ),
        saving=None,
        change=Change(
            "broadcast fewer columns and rows, or let both sides be shuffled: drop the hint or lower spark.sql.autoBroadcastJoinThreshold",
            effort="medium",
            risk="a shuffle of the large side may cost more than the broadcast",
            rollback="restore the hint or the setting",
        ),
        sql_execution_id=node.execution_id,
    )
