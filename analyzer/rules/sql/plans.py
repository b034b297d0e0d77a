"""Plans of SQL executions as trees, from rows of `queries/plan_operators.sql`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from analyzer.rules.base import Row

_PASSING = (
    "Sort",
    "AQEShuffleRead",
    "CustomShuffleReader",
    "ShuffleQueryStage",
    "BroadcastQueryStage",
    "TableCacheQueryStage",
    "InputAdapter",
    "WholeStageCodegen",
    "Project",
    "Filter",
    "ColumnarToRow",
    "AdaptiveSparkPlan",
)
"""Operators that a side of a join passes on its way up from its exchange."""
_ENGINE = re.compile(r"^(Gpu|Photon)(?=[A-Z])")
"""What RAPIDS and Photon write before the names of Spark's operators."""
_ROWS = ("number of output rows", "output rows")
"""What Spark, and what RAPIDS, calls the rows that an operator lets through."""
_UNIT = re.compile(r"(?: total)? \(min, med, max\)$| \((?:ms|bytes)\)$")
"""What Spark 2.x writes behind names of metrics. Source: `SQLMetrics`, `BroadcastExchangeExec` of Apache Spark 2.4, read 2026-11."""


@dataclass(slots=True)
class Node:
    """One operator with what it measured, and the operators below it."""

    execution_id: int
    name: str
    text: str
    metrics: dict[str, int]
    execution_task_ms: int
    python_run_ms: int
    """Of the execution's stages that run a Python function row by row."""
    python_wait_ms: int
    children: list[Node] = field(default_factory=list)

    @property
    def operator(self) -> str:
        """Its name as Spark has it, whichever engine ran it."""
        return _ENGINE.sub("", self.name)

    @property
    def rows_out(self) -> int:
        """Rows that the operator, or the nearest one below that counts them, let through; -1 where none says."""
        node: Node | None = self
        while node is not None:
            counted = next((node.metrics[name] for name in _ROWS if name in node.metrics), -1)
            if counted >= 0:
                return counted
            if "records read" in node.metrics and "Exchange" in node.name:
                return node.metrics["records read"]
            node = node.children[0] if len(node.children) == 1 else None
        return -1

    def exchange(self) -> Node | None:
        """The shuffle exchange that this side of a join came through; None where there is none before another operator."""
        node: Node | None = self
        while node is not None:
            if node.name in ("Exchange", "ReusedExchange", "ShuffleExchange"):
                return node
            passes = node.name.startswith(_PASSING)
            node = node.children[0] if passes and len(node.children) == 1 else None
        return None


def nodes_of(rows: Sequence[Row]) -> Iterator[Node]:
    """Every operator of every plan, its children filled in."""
    found: dict[tuple[int, int], Node] = {}
    for row in rows:
        node = Node(
            row["execution_id"],
            row["name"],
            row["simple_string"],
            dict(zip((_UNIT.sub("", name) for name in row["metric_names"]), map(int, row["metric_values"]), strict=True)),
            row["execution_task_ms"],
            row["python_run_ms"],
            row["python_wait_ms"],
        )
        found[(row["execution_id"], row["node_id"])] = node
        parent = found.get((row["execution_id"], row["parent_id"]))
        if parent is not None:
            parent.children.append(node)
    yield from found.values()
