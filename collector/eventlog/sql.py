"""SQL executions, their plans, and what their metrics are called."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Annotated, Any

from msgspec import Meta, Struct, field

from collector.eventlog.redaction import clean_text
from collector.eventlog.rows import Rows, text_of
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, Int64, time_ms


class SqlMetric(Struct, gc=False):
    """What an accumulator means; `metricType` since Spark 1.6."""

    name: str = ""
    accumulator_id: Int64 = field(name="accumulatorId", default=-1)
    metric_type: str = field(name="metricType", default="")


class PlanNode(Struct, gc=False):
    """`SparkPlanInfo`: one operator and those below it."""

    name: str = field(name="nodeName", default="")
    simple_string: str = field(name="simpleString", default="")
    children: list[PlanNode] = []
    metadata: dict[str, Any] = {}
    metrics: list[SqlMetric] = []


class SqlExecutionStart(Struct, gc=False):
    """`SparkListenerSQLExecutionStart`; `rootExecutionId` since Spark 3.4."""

    execution_id: Int64 = field(name="executionId")
    time: Int64 = 0
    root_execution_id: Int64 | None = field(name="rootExecutionId", default=None)
    description: str | None = None
    plan: PlanNode | None = field(name="sparkPlanInfo", default=None)


class SqlAdaptiveExecutionUpdate(Struct, gc=False):
    """`SparkListenerSQLAdaptiveExecutionUpdate`: the whole plan anew."""

    execution_id: Int64 = field(name="executionId")
    plan: PlanNode | None = field(name="sparkPlanInfo", default=None)


class SqlAdaptiveMetricUpdates(Struct, gc=False):
    """`SparkListenerSQLAdaptiveSQLMetricUpdates`: metrics of subqueries and the like."""

    execution_id: Int64 = field(name="executionId")
    metrics: list[SqlMetric] = field(name="sqlPlanMetrics", default_factory=list)


class SqlExecutionEnd(Struct, gc=False):
    """`SparkListenerSQLExecutionEnd`; `errorMessage` since Spark 3.4, '' or null where it succeeded."""

    execution_id: Int64 = field(name="executionId")
    time: Int64 = 0
    error: str | None = field(name="errorMessage", default=None)


class DriverAccumulatorUpdates(Struct, gc=False):
    """`SparkListenerDriverAccumUpdates`: pairs of accumulator and value, such as files read and their size."""

    execution_id: Int64 = field(name="executionId")
    updates: list[Annotated[list[Int64], Meta(min_length=2, max_length=2)]] = field(name="accumUpdates", default_factory=list)


def sql_execution_start(event: SqlExecutionStart, adjusted: Adjustments) -> Rows:
    """The execution and its first plan."""
    root = -1 if event.root_execution_id is None else event.root_execution_id
    time = time_ms(event.time, "sql_executions.time", adjusted)
    yield "sql_executions", (event.execution_id, "start", time, root, clean_text(event.description or "", TEXT_CHARACTERS), "")
    yield from _plan(event.execution_id, event.plan)


def sql_adaptive_execution_update(event: SqlAdaptiveExecutionUpdate, _: Adjustments) -> Rows:
    """One more plan of the execution."""
    yield from _plan(event.execution_id, event.plan)


def sql_adaptive_metric_updates(event: SqlAdaptiveMetricUpdates, _: Adjustments) -> Rows:
    """Names of metrics outside the plan."""
    yield from _metric_names(event.execution_id, event.metrics)


def sql_execution_end(event: SqlExecutionEnd, adjusted: Adjustments) -> Rows:
    """How the execution ended."""
    time = time_ms(event.time, "sql_executions.time", adjusted)
    yield "sql_executions", (event.execution_id, "end", time, -1, "", clean_text(event.error or "", TEXT_CHARACTERS))


def driver_accumulator_updates(event: DriverAccumulatorUpdates, _: Adjustments) -> Rows:
    """Metrics that the driver set itself."""
    for accumulator_id, value in event.updates:
        yield "sql_metric_values", (accumulator_id, "driver", -1, -1, event.execution_id, value)


def _plan(execution_id: int, root: PlanNode | None) -> Rows:
    if root is None:
        return
    nodes = [
        (parent, node, clean_text(node.name, TEXT_CHARACTERS), clean_text(node.simple_string, TEXT_CHARACTERS))
        for parent, node in _depth_first(root)
    ]
    metrics = [metric for _, node, _, _ in nodes for metric in node.metrics]
    order = max((metric.accumulator_id for metric in metrics), default=-1)
    tree = _hash((parent, name, text) for parent, _, name, text in nodes)
    for node_id, (parent, node, name, text) in enumerate(nodes):
        metadata = [(key, clean_text(text_of(value), TEXT_CHARACTERS)) for key, value in node.metadata.items()]
        accumulators = [metric.accumulator_id for metric in node.metrics]
        yield "sql_plan_nodes", (execution_id, order, tree, node_id, parent, name, text, metadata, accumulators)
    yield from _metric_names(execution_id, metrics)


def _depth_first(root: PlanNode) -> Iterator[tuple[int, PlanNode]]:
    """Nodes with their parents' positions, parents first. Iterative: a plan may be deeper than the interpreter's stack."""
    waiting = [(-1, root)]
    position = 0
    while waiting:
        parent, node = waiting.pop()
        yield parent, node
        waiting.extend((position, child) for child in reversed(node.children))
        position += 1


def _hash(nodes: Iterator[tuple[int, str, str]]) -> int:
    """64 bits of a tree's names, strings and shape, taken from decoded and cut values, so that live and imported trees agree."""
    digest = hashlib.blake2b(digest_size=8)
    for parent, name, text in nodes:
        for part in (str(parent), name, text):
            encoded = part.encode()
            digest.update(len(encoded).to_bytes(4, "little") + encoded)
    return int.from_bytes(digest.digest(), "little")


def _metric_names(execution_id: int, metrics: list[SqlMetric]) -> Rows:
    distinct = {(execution_id, metric.accumulator_id, metric.name, metric.metric_type): None for metric in metrics}
    for row in distinct:
        yield "sql_metrics", row
