"""SQL executions and their plans."""

from __future__ import annotations

from typing import Any

from collector.eventlog import DecodedBatch, Identity, decode
from tests.unit.collector.eventlog.encoding import sql_line

IDENTITY = Identity("app-1")


def plan(name: str, *children: dict[str, Any], ids: tuple[int, ...] = (), **more: Any) -> dict[str, Any]:
    metrics = [{"name": "rows", "accumulatorId": number, "metricType": "sum"} for number in ids]
    return {"nodeName": name, "simpleString": f"{name} [a]", "children": list(children), "metadata": {}, "metrics": metrics, **more}


def read(*lines: bytes) -> DecodedBatch:
    batch = decode(b"".join(lines), IDENTITY)
    assert not batch.bad_lines
    return batch


def start(tree: dict[str, Any] | None, **more: Any) -> bytes:
    return sql_line("SparkListenerSQLExecutionStart", executionId=4, time=100, description="d" * 3000, sparkPlanInfo=tree, **more)


def test_execution_starts_and_ends() -> None:
    rows = read(
        start(None, rootExecutionId=2),
        sql_line("SparkListenerSQLExecutionEnd", executionId=4, time=200, errorMessage="boom"),
        sql_line("SparkListenerSQLExecutionEnd", executionId=5, time=200, errorMessage=None),
    ).tables["sql_executions"]
    assert rows.select(["execution_id", "event", "root_execution_id", "error"]).to_pylist() == [
        {"execution_id": 4, "event": "start", "root_execution_id": 2, "error": ""},
        {"execution_id": 4, "event": "end", "root_execution_id": -1, "error": "boom"},
        {"execution_id": 5, "event": "end", "root_execution_id": -1, "error": ""},
    ]
    assert rows["description"][0].as_py() == "d" * 2000


def test_plan_is_walked_depth_first() -> None:
    tree = plan("Join", plan("Sort", plan("Scan", ids=(7, 8))), plan("Exchange", ids=(3,)), ids=(1,))
    rows = read(start(tree)).tables["sql_plan_nodes"].to_pylist()
    assert [(r["node_id"], r["parent_id"], r["name"], r["accumulator_ids"]) for r in rows] == [
        (0, -1, "Join", [1]),
        (1, 0, "Sort", []),
        (2, 1, "Scan", [7, 8]),
        (3, 0, "Exchange", [3]),
    ]
    assert {r["plan_order"] for r in rows} == {8}
    assert len({r["plan_hash"] for r in rows}) == 1


def test_plan_hash_tells_trees_apart_by_name_text_and_shape() -> None:
    trees = [
        plan("A", plan("B", plan("C"))),
        plan("A", plan("B"), plan("C")),
        plan("A", plan("C"), plan("B")),
        plan("A", plan("B", plan("C", simpleString="C [b]"))),
    ]
    hashes = [read(start(tree)).tables["sql_plan_nodes"]["plan_hash"][0].as_py() for tree in [*trees, trees[0]]]
    assert len(set(hashes)) == len(trees)
    assert hashes[0] == hashes[-1]


def test_plan_hash_is_that_of_the_texts_as_stored() -> None:
    long, longer = (read(start(plan("A", simpleString="x" * size))).tables["sql_plan_nodes"] for size in (2000, 3000))
    assert long.to_pylist() == longer.to_pylist()


def test_secrets_in_the_name_of_an_operator_are_hidden() -> None:
    (name,) = read(start(plan("Scan JDBCRelation((select * from t where token = 'abc'))"))).tables["sql_plan_nodes"]["name"].to_pylist()
    assert name == "Scan JDBCRelation((select * from t where token = '*********(redacted)'))"


def test_scan_keeps_its_metadata() -> None:
    rows = read(start(plan("Scan", metadata={"Location": "s3://b/t", "ReadSchema": "x" * 3000}))).tables["sql_plan_nodes"]
    assert rows["metadata"][0].as_py() == [("Location", "s3://b/t"), ("ReadSchema", "x" * 2000)]


def test_deep_plan_is_read_whole() -> None:
    tree = b"".join(b'{"nodeName":"N%d","children":[' % depth for depth in range(2000)) + b"]}" * 2000
    data = b'{"Event":"a.SparkListenerSQLAdaptiveExecutionUpdate","executionId":1,"sparkPlanInfo":' + tree + b"}"
    rows = read(data).tables["sql_plan_nodes"]
    assert rows["name"].to_pylist() == [f"N{depth}" for depth in range(2000)]


def test_metrics_are_named_once_an_event() -> None:
    batch = read(
        start(plan("A", plan("B", ids=(1,)), ids=(1, 2))),
        sql_line(
            "SparkListenerSQLAdaptiveSQLMetricUpdates",
            executionId=4,
            sqlPlanMetrics=[{"name": "n", "accumulatorId": 9, "metricType": "size"}],
        ),
    )
    rows = batch.tables["sql_metrics"].to_pylist()
    assert [(r["execution_id"], r["accumulator_id"], r["name"], r["metric_type"]) for r in rows] == [
        (4, 1, "rows", "sum"),
        (4, 2, "rows", "sum"),
        (4, 9, "n", "size"),
    ]


def test_driver_sets_metrics_of_its_own() -> None:
    rows = read(sql_line("SparkListenerDriverAccumUpdates", executionId=4, accumUpdates=[[9, 1048632], [10, -1]]))
    assert [
        (r["accumulator_id"], r["source"], r["stage_id"], r["execution_id"], r["value"])
        for r in rows.tables["sql_metric_values"].to_pylist()
    ] == [
        (9, "driver", -1, 4, 1048632),
        (10, "driver", -1, 4, -1),
    ]
