"""Reclaims and hours of Spot instances, counted over removals of executors in a store."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import analyzer.spot
from collector.storage import Store, load_sql, open_store

ADDED = (
    "INSERT INTO executors (app_id, attempt_id, executor_id, event, time, host, total_cores) VALUES ({a:String}, '', {e:String}, 'added', \
fromUnixTimestamp64Milli({t:Int64}), {h:String}, 4)"
)
REMOVED = (
    "INSERT INTO executors (app_id, attempt_id, executor_id, event, time, removed_reason) VALUES ({a:String}, '', {e:String}, 'removed', \
fromUnixTimestamp64Milli({t:Int64}), {r:String})"
)
HOUR, MINUTE = 3_600_000, 60_000
START = 1_790_000_040_000
"""A whole minute of Unix time."""


def lived(
    store: Store, executor: str, host: str, removed_ms: int, reason: str = "Executor decommission: spot instance interruption"
) -> None:
    store.command(ADDED, {"a": "app", "e": executor, "t": START, "h": host})
    store.command(REMOVED, {"a": "app", "e": executor, "t": removed_ms, "r": reason})


def counted(store: Store) -> dict[str, Any]:
    return store.rows(load_sql(analyzer.spot.__file__, "removals"), {"app_id": "app", "attempt_id": ""})[0]


def test_executors_of_a_host_that_go_together_are_one_reclaim_though_a_minute_of_the_clock_passes(tmp_path: Path) -> None:
    with open_store(str(tmp_path)) as store:
        lived(store, "1", "a", START + HOUR - 100)
        lived(store, "2", "a", START + HOUR + 100)
        lived(store, "3", "b", START + HOUR + 100)
        lived(store, "4", "b", START + HOUR + 100 + 10 * MINUTE)
        lived(store, "5", "c", START + 2 * HOUR, "Executor killed by driver.")
        found = counted(store)

    assert (found["reclaims"], found["own_reclaims"], found["own_hosts"]) == (1 + 2, 3, 3)
    assert round(found["host_hours"], 3) == round(1 + 70 / 60 + 2, 3)


def test_hosts_of_an_application_without_an_end_count_to_its_last_event(tmp_path: Path) -> None:
    with open_store(str(tmp_path)) as store:
        store.command(ADDED, {"a": "app", "e": "1", "t": START, "h": "a"})
        lived(store, "2", "b", START + 2 * HOUR)
        found = counted(store)

    assert (found["reclaims"], round(found["host_hours"], 3)) == (1, 4)
