"""A join shuffled a large table although the other side is small.

## What it does
Looks for sort-merge and shuffled hash joins of which one side is small enough to be broadcast and the other far larger.

## Why it costs
The large side is written, sent over the network, read and mostly sorted, only to meet a table that every executor could
have held.

## How it is measured
`data size` of the two shuffle exchanges below the join in the final plan (bytes). Small and large go in steps: below 10
MiB against 1 GiB, below 100 MiB against 10 GiB, below 1 GiB against 300 GiB. The small side has to be one that the type
of the join can broadcast (not the preserved side of an outer join). The time of the shuffle is not told apart in the
events: no saving is claimed, the shuffled bytes are shown.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Orders (640 GiB shuffled) joined with a filtered list of products (31 MiB): Spark took the file's size of 2 GiB for the
estimate, so it shuffled both.

## What to change
A broadcast hint on the small side, a higher `spark.sql.autoBroadcastJoinThreshold`, statistics on the tables, or
adaptive execution, which decides by real sizes. The driver and every executor hold the table in memory.

## When to ignore
When the small side grows with the data, or the shuffle serves a later step as well.

## Sources
Apache Spark, SQL performance tuning guide (`autoBroadcastJoinThreshold`, join hints). Steps of sizes: DataFlint. Read
2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.cost.executor_memory import parse_bytes
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.sql.plans import Node, nodes_of

RULE = Rule(
    code="SQL003",
    category="sql",
    since="0.2",
    query="plan_operators",
    thresholds=(
        Threshold("tiny_bytes", 10 << 20, "By", "Spark, autoBroadcastJoinThreshold", "a side below it is broadcast by default"),
        Threshold("beside_tiny_bytes", 1 << 30, "By", "sparkledger", "the other side from which a tiny one should have been"),
        Threshold("small_bytes", 100 << 20, "By", "DataFlint", "second step"),
        Threshold("beside_small_bytes", 10 << 30, "By", "DataFlint", "the other side of the second step"),
        Threshold("middling_bytes", 1 << 30, "By", "DataFlint", "third step"),
        Threshold("beside_middling_bytes", 300 << 30, "By", "DataFlint", "the other side of the third step"),
        Threshold("min_task_share", 0.05, "1", "sparkledger", "task time of the execution over all"),
    ),
)
STEPS = ("tiny", "small", "middling")
THRESHOLD = "spark.sql.autoBroadcastJoinThreshold"
DEFAULT_THRESHOLD_BYTES = 10 << 20
BROADCASTABLE = {
    "Inner": (0, 1),
    "Cross": (0, 1),
    "LeftOuter": (1,),
    "LeftSemi": (1,),
    "LeftAnti": (1,),
    "ExistenceJoin": (1,),
    "RightOuter": (0,),
}
"""Sides (0 left, 1 right) that a join of a type can broadcast."""


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each join that shuffled a large side for a small one."""
    for node in nodes_of(rows):
        if node.name not in ("SortMergeJoin", "ShuffledHashJoin") or len(node.children) != 2:
            continue
        share = node.execution_task_ms * application.task_cpus / max(1, application.busy_core_ms)
        sizes = [_size(child) for child in node.children]
        if min(sizes) < 0 or share < thresholds["min_task_share"]:
            continue
        for side in _broadcastable(node.text):
            small, large = sizes[side], sizes[1 - side]
            if any(small < thresholds[f"{step}_bytes"] and large >= thresholds[f"beside_{step}_bytes"] for step in STEPS):
                yield _finding(application, node, small, large, share)
                break


def _size(side: Node) -> int:
    exchange = side.exchange()
    return -1 if exchange is None else exchange.metrics.get("data size", -1)


def _broadcastable(text: str) -> tuple[int, ...]:
    kind = next((kind for kind in BROADCASTABLE if re.search(rf"\b{kind}\b", text)), "")
    return BROADCASTABLE.get(kind, ())


def _finding(application: Application, node: Node, small: int, large: int, share: float) -> Finding:
    wanted = max(32, 2 ** (small * 2 // (1 << 20)).bit_length()) << 20
    in_force = parse_bytes(application.conf.get(THRESHOLD), bare_unit=1) or DEFAULT_THRESHOLD_BYTES
    conf = {THRESHOLD: str(wanted)} if small < 256 << 20 and wanted > in_force else {}
    if application.can_adapt and not application.adaptive:
        conf["spark.sql.adaptive.enabled"] = "true"
    return Finding(
        rule_code=RULE.code,
        subject=re.sub(r"#\d+L?", "", node.text)[:150],
        severity=Severity.MEDIUM if share >= 0.2 else Severity.LOW,
        title=f"{figures.size(large)} were shuffled for a join with {figures.size(small)}",
        evidence=(
            Evidence("small_side", small, "By"),
            Evidence("large_side", large, "By"),
            Evidence("join", node.text[:300], "1"),
            Evidence("execution_task_time", node.execution_task_ms / 1000, "s"),
            Evidence("execution_share", round(share, 4), "1"),
            Evidence("threshold_in_force", application.conf.get(THRESHOLD, "10 MiB (default)"), "1"),
        ),
        saving=None,
        change=Change(
            "broadcast the small side: a hint in the query, "
            + (
                "or a higher threshold" if THRESHOLD in conf else "or statistics on its table, whose size Spark takes for larger than it is"
            ),
            conf,
            risk="the driver and every executor hold the small side in memory",
        ),
        sql_execution_id=node.execution_id,
    )
