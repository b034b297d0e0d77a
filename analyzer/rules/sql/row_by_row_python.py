"""Rows go through a Python function one by one.

## What it does
Looks for plain Python UDFs in stages whose tasks mostly wait instead of compute in the JVM.

## Why it costs
Each row is pickled, sent to a Python process, unpickled, passed to a function, and the result goes the same way back.
The task's slot is paid for while the JVM waits.

## How it is measured
BatchEvalPython operators of the final plan; their rows, and the bytes sent to Python workers and back where Spark
counts them (4.0 and later). Waiting is `Executor Run Time` - `Executor CPU Time` - `JVM GC Time` - `Fetch Wait Time` of
the execution's stages that hold the operator: a Python worker's CPU time is not in Spark's. Silent where a plugin hands
other operators to a GPU or a native engine, whose time looks the same.
How fast another form would
be is not in the events, so no saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`normalise(address)` over 90 million rows: 11 hours of run time, of which the JVM computed 40 minutes.

## What to change
A built-in SQL function where one exists; else a pandas UDF, which passes Arrow batches; or from Spark 3.5 on Arrow for
plain UDFs.

## When to ignore
When the function itself is the work, such as a model's prediction.

## Sources
Apache Spark, PySpark user guide (Apache Arrow in PySpark, `spark.sql.execution.pythonUDF.arrow.enabled`). The 50 %
mark: sparkledger. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.sql.plans import Node, nodes_of

RULE = Rule(
    code="PYT001",
    category="sql",
    since="0.2",
    query="plan_operators",
    thresholds=(
        Threshold("min_wait_share", 0.5, "1", "sparkledger", "waiting over run time of the stages"),
        Threshold("min_wait_s", 300, "s", "sparkledger", "waiting in all; less is not worth a change"),
        Threshold("min_task_share", 0.05, "1", "sparkledger", "task time of the execution over all"),
    ),
)

ARROW = "spark.sql.execution.pythonUDF.arrow.enabled"


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each execution with such a function."""
    if application.other_engine:
        return
    worst: dict[int, Node] = {}
    for node in nodes_of(rows):
        if node.name == "BatchEvalPython":
            other = worst.get(node.execution_id)
            worst[node.execution_id] = node if other is None or node.rows_out > other.rows_out else other
    for node in worst.values():
        # Spark before 2.1 reports no CPU time, and then no wait is told.
        run, wait = node.python_run_ms, node.python_wait_ms
        share = node.execution_task_ms * application.task_cpus / max(1, application.busy_core_ms)
        if wait < thresholds["min_wait_s"] * 1000 or wait < thresholds["min_wait_share"] * run:
            continue
        if share >= thresholds["min_task_share"]:
            yield _finding(application, node, wait, share)


def _finding(application: Application, node: Node, wait_ms: int, share: float) -> Finding:
    sent = {name: value for name, value in node.metrics.items() if "Python" in name and value > 0}
    waited = figures.share(wait_ms / max(1, node.python_run_ms))
    conf = {ARROW: "true"} if application.spark_line >= (3, 5) and not application.enabled(ARROW, default=False) else {}
    return Finding(
        rule_code=RULE.code,
        subject=node.text.split("[", 1)[0].strip()[:100] or node.name,
        severity=Severity.MEDIUM if share >= 0.2 else Severity.LOW,
        title=f"a Python function ran row by row, and {waited} of its stages' run time was waiting",
        evidence=(
            Evidence("operator", node.text[:300], "1"),
            Evidence("rows", node.rows_out, "{row}"),
            Evidence("run_time_of_its_stages", node.python_run_ms / 1000, "s"),
            Evidence("waiting", wait_ms / 1000, "s"),
            *(Evidence(name.replace(" ", "_"), value, "By") for name, value in sent.items() if "data" in name),
        ),
        saving=None,
        change=Change(
            "use a built-in function, or pass batches instead of rows: a pandas UDF, or Arrow for plain UDFs",
            conf,
            effort="medium",
            risk="Arrow converts types more strictly; check the results of a sample",
        ),
        sql_execution_id=node.execution_id,
    )
