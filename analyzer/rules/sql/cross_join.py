"""A join compares every row of one side with every row of the other.

## What it does
Looks for CartesianProduct and BroadcastNestedLoopJoin operators, of Spark, RAPIDS or Photon, that compared a very large
number of pairs of rows.

## Why it costs
Work grows with the product of both sides; doubling the data takes four times as long, and no number of partitions
helps.

## How it is measured
Operators of the final plan. Pairs are the rows of the left side times those of the right, by `number of output rows` of
the nearest operators below that count them; where a side is not counted, the rows that came out. Task time is that of
the stages of the SQL execution. Which part of it the join took is not in the events, so no saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`events e JOIN rates r ON e.ts BETWEEN r.valid_from AND r.valid_to`: 300 million events times 40,000 rates is 12 x 10^12
pairs.

## What to change
Add a condition of equality: a bucket of time for ranges, a prefix for patterns. Where the product is a mistake, a join
condition is missing. Reduce both sides before they meet.

## When to ignore
When one side has a handful of rows by design.

## Sources
Apache Spark, SQL performance tuning guide (join strategies). 10^10 rows of a cross join as a fault: DataFlint. Read
2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.sql.plans import Node, nodes_of

RULE = Rule(
    code="SQL001",
    category="sql",
    since="0.2",
    query="plan_operators",
    thresholds=(
        Threshold("min_pairs", 1e9, "{pair}", "sparkledger", "a tenth of where DataFlint warns, as the task time is asked for as well"),
        Threshold("min_task_share", 0.05, "1", "sparkledger", "task time of the execution over all"),
        Threshold("min_task_s", 300, "s", "sparkledger", "task time of the execution; less is not worth a change"),
        Threshold("high_task_share", 0.3, "1", "sparkledger", "from here the join decides what the run costs"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each such join of enough weight."""
    for node in nodes_of(rows):
        if node.operator not in ("CartesianProduct", "BroadcastNestedLoopJoin"):
            continue
        share = node.execution_task_ms * application.task_cpus / max(1, application.busy_core_ms)
        sides = [child.rows_out for child in node.children]
        pairs = sides[0] * sides[1] if len(sides) == 2 and min(sides) >= 0 else max(0, node.rows_out)
        if pairs < thresholds["min_pairs"] or share < thresholds["min_task_share"]:
            continue
        if node.execution_task_ms < thresholds["min_task_s"] * 1000:
            continue
        yield _finding(node, sides, pairs, share, high=share >= thresholds["high_task_share"])


def _finding(node: Node, sides: Sequence[int], pairs: int, share: float, *, high: bool) -> Finding:
    return Finding(
        rule_code=RULE.code,
        subject=node.name,
        severity=Severity.HIGH if high else Severity.MEDIUM,
        title=f"a {node.name} compared {pairs:.3g} pairs of rows in an execution with {figures.share(share)} of the task time",
        evidence=(
            Evidence("pairs", float(pairs), "{pair}"),
            Evidence("rows_of_sides", " and ".join(f"{rows:,}" if rows >= 0 else "unknown" for rows in sides) or "unknown", "1"),
            Evidence("rows_out", node.rows_out, "{row}"),
            Evidence("join", node.text[:300], "1"),
            Evidence("execution_task_time", node.execution_task_ms / 1000, "s"),
        ),
        saving=None,
        change=Change(
            "give the join a condition of equality, and make both sides smaller before they meet",
            effort="medium",
            risk="the result has to mean the same",
            rollback="restore the former query",
        ),
        sql_execution_id=node.execution_id,
    )
