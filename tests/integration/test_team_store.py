"""The engine leaves out other teams' rows, whatever the query and whatever the team is called."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from collector.storage import Store, StoreError, open_store
from collector.storage.team_scope import TeamStore
from tests.support.rows import application_starts, tasks
from tests.support.stores import store_url

AWKWARD = "o'x\\y\"{z}"
PROFILE = """
    INSERT INTO application_profiles (app_id, attempt_id, team, started_at, analysed_at)
    VALUES ({a:String}, '', {t:String}, '2026-11-20 00:00:00', now64(3))
"""
SEEN: dict[str, set[str]] = {"growth": {"app-1"}, AWKWARD: {"app-2"}, "finance": {"app-3"}, "x' OR 1=1 --": set(), "nobody": set()}


@pytest.fixture(scope="module", params=["chdb", "http"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with store_url(request.param, tmp_path_factory.mktemp("store")) as url, open_store(url) as store:
        for app_id, team, count in (("app-1", "growth", 3), ("app-2", AWKWARD, 4), ("app-3", "growth", 5)):
            store.insert("tasks", tasks(app_id, count))
            store.insert("applications", application_starts(app_id))
            store.command(PROFILE, {"a": app_id, "t": team})
        store.command(PROFILE, {"a": "app-3", "t": "finance"})
        yield store


QUERIES = {
    "table": "SELECT DISTINCT app_id FROM tasks",
    "final": "SELECT app_id FROM application_profiles FINAL",
    "view": "SELECT app_id FROM application_runs",
    "alias": "SELECT t.app_id AS app_id FROM applications AS t FINAL",
    "join": "SELECT DISTINCT p.app_id AS app_id FROM applications AS p LEFT JOIN (SELECT app_id FROM tasks) AS t ON p.app_id = t.app_id",
    "subquery": "SELECT app_id FROM (SELECT app_id FROM applications) WHERE app_id IN (SELECT app_id FROM tasks)",
    "union": "SELECT app_id FROM applications UNION DISTINCT SELECT app_id FROM tasks",
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize(("team", "apps"), SEEN.items())
def test_a_query_sees_one_teams_rows(store: Store, name: str, team: str, apps: set[str]) -> None:
    assert {row["app_id"] for row in TeamStore(store, team).rows(QUERIES[name])} == apps


def test_what_names_no_run_is_hidden(store: Store) -> None:
    assert TeamStore(store, "growth").rows("SELECT count() AS n FROM schema_migrations") == [{"n": 0}]


def test_statements_are_refused(store: Store) -> None:
    with pytest.raises(StoreError, match="takes no statement"):
        TeamStore(store, "growth").command("INSERT INTO digests SELECT * FROM digests")
