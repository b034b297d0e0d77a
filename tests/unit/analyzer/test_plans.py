"""Plans of old releases read as those of new ones."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzer.rules.sql.plans import nodes_of


def row(node_id: int, parent_id: int, name: str, metrics: Mapping[str, int]) -> dict[str, Any]:
    """A row of `plan_operators.sql`."""
    return {
        "execution_id": 0,
        "node_id": node_id,
        "parent_id": parent_id,
        "name": name,
        "simple_string": name,
        "metric_names": list(metrics),
        "metric_values": list(metrics.values()),
        "execution_task_ms": 1000,
        "python_run_ms": 0,
        "python_wait_ms": 0,
    }


def test_metrics_of_spark_2_have_the_names_of_later_releases() -> None:
    broadcast = {"data size (bytes)": 1, "time to collect (ms)": 2, "time to build (ms)": 3, "time to broadcast (ms)": 4}
    exchange = {"data size total (min, med, max)": 5, "avg hash probe (min, med, max)": 6, "number of output rows": 7}
    first, second = nodes_of([row(0, -1, "BroadcastExchange", broadcast), row(1, 0, "Exchange", exchange)])
    assert first.metrics == {"data size": 1, "time to collect": 2, "time to build": 3, "time to broadcast": 4}
    assert second.metrics == {"data size": 5, "avg hash probe": 6, "number of output rows": 7}
    assert first.children == [second]


def test_rows_of_operators_of_a_gpu_and_of_photon_are_read() -> None:
    gpu, photon = nodes_of([row(0, -1, "GpuCartesianProduct", {"output rows": 8}), row(1, 0, "PhotonBroadcastNestedLoopJoin", {})])

    assert (gpu.operator, gpu.rows_out) == ("CartesianProduct", 8)
    # What an engine does not count is not known.
    assert (photon.operator, photon.rows_out) == ("BroadcastNestedLoopJoin", -1)
