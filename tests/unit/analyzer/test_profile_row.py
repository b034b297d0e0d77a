"""The row that an analysis leaves of an application."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timezone
from types import SimpleNamespace
from typing import Any

from analyzer.analysis import profile_row
from analyzer.cost.price import Cost, Target
from analyzer.rules.base import Application

NOW = datetime(2026, 11, 20, tzinfo=timezone.utc)


def test_what_tasks_of_several_cores_wait_is_core_time_as_their_busy_time_is() -> None:
    # A task of 2 cores for 100 s, of which 30 s are garbage collection and 20 s fetch wait: 60 and 40 of 200 core-seconds.
    application = Application("a", "", "n", "3.5.3", 100_000, True, 400_000, 200_000, {"spark.task.cpus": "2"})
    header: Any = SimpleNamespace(
        app_id="a", attempt_id="", name="n", user="u", spark_version="3.5.3", platform="yarn", start_ms=0, end_ms=100_000, ended=True
    )
    profile = SimpleNamespace(
        header=header,
        application=application,
        totals=defaultdict(int, ok_gc_ms=30_000, ok_fetch_wait_ms=20_000, ok_cpu_ns=50_000_000_000),
        counts=defaultdict(int, last_received_at=NOW),
        failed=False,
        executors_added=1,
        executors_lost=0,
        unsuccessful_core_ms=0,
        cost=Cost(1.0, 1.0, 1.9, 2.5),
        target=Target(),
        completeness="complete",
        closed_by_timeout=False,
    )
    owner = SimpleNamespace(team="t", team_source="s", pipeline="p", pipeline_source="s")
    analysis: Any = SimpleNamespace(profile=profile, owner=owner, findings=[], price_book="b", rule_errors={}, analysed_at=NOW)
    (row,) = profile_row(analysis).to_pylist()

    assert (row["busy_core_ms"], row["gc_ms"], row["fetch_wait_ms"], row["cpu_ms"]) == (200_000, 60_000, 40_000, 50_000)
