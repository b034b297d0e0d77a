"""Plans that are too many to be read whole: what is left out is of executions that cost little."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from analyzer.rules.registry import rule
from collector.storage import open_store

NODES = 20_000
"""What the query reads at most."""


def plan(execution_id: int, names: list[str]) -> pa.Table:
    count = len(names)
    return pa.table(
        {
            "app_id": ["a"] * count,
            "attempt_id": [""] * count,
            "execution_id": pa.array([execution_id] * count, pa.int64()),
            "plan_order": pa.array([0] * count, pa.int64()),
            "plan_hash": pa.array([execution_id] * count, pa.uint64()),
            "node_id": pa.array(range(count), pa.uint32()),
            "parent_id": pa.array(range(-1, count - 1), pa.int32()),
            "name": names,
            "simple_string": names,
        }
    )


def stage(execution_id: int, duration_ms: int) -> pa.Table:
    return pa.table(
        {
            "app_id": ["a"],
            "attempt_id": [""],
            "stage_id": pa.array([execution_id], pa.uint32()),
            "stage_attempt_id": pa.array([0], pa.uint32()),
            "sql_execution_id": pa.array([execution_id], pa.int64()),
            "duration_ms": pa.array([duration_ms], pa.uint64()),
            "analysed_at": pa.array([0], pa.timestamp("ms", "UTC")),
        }
    )


def test_the_dearest_execution_is_read_however_long_the_plans_before_it_are(tmp_path: Path) -> None:
    with open_store(str(tmp_path)) as store:
        store.insert("sql_plan_nodes", plan(0, ["BroadcastExchange", *["Project"] * NODES]))
        store.insert("sql_plan_nodes", plan(1, ["CartesianProduct", "Project"]))
        store.insert("stage_profiles", stage(0, 1_000))
        store.insert("stage_profiles", stage(1, 1_000_000))
        rows = store.rows(rule("SQL001").sql, {"app_id": "a", "attempt_id": ""})

    assert len(rows) == NODES
    assert [(row["execution_id"], row["name"]) for row in rows[:3]] == [(1, "CartesianProduct"), (1, "Project"), (0, "BroadcastExchange")]
