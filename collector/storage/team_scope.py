"""A store as one team may see it: the engine itself leaves out every row of another team.

The filter goes with each query as the setting `additional_table_filters`, so no query can forget it, whoever wrote it. A table
that says whose a row is by `team` is filtered by that, one that names an application by the team of its profile, and any other
table is empty.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa
from clickhouse_connect.driver.binding import quote_identifier

from collector.storage.client import Store
from collector.storage.errors import StoreError

SETTING = "additional_table_filters"
_COLUMNS = """
    SELECT table, groupUniqArray(name) AS columns
    FROM system.columns
    WHERE database = {database:String}
    GROUP BY table
"""


class TeamStore(Store):
    """Reads what belongs to one team. Inserts go through, statements do not: they could read what they must not."""

    def __init__(self, whole: Store, team: str) -> None:
        self.__dict__.update(whole.__dict__)
        self._filters = {SETTING: _map_literal(_filters(whole, team))}

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT over this team's rows."""
        return super().query(sql, parameters, {**(settings or {}), **self._filters})

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Refused."""
        raise StoreError("a team's view of the store takes no statement")


def _filters(store: Store, team: str) -> dict[str, str]:
    own = _quoted(team)
    # With its database: on a cluster the shards get the filter as it is, and their current database is another one.
    profiles = f"{quote_identifier(store.database)}.application_profiles"
    runs = f"(app_id, attempt_id) IN (SELECT app_id, attempt_id FROM {profiles} FINAL WHERE team = {own})"
    filters = {}
    for row in store.rows(_COLUMNS, {"database": store.database}):
        columns = set(row["columns"])
        if row["table"] == "application_profiles" or ("team" in columns and "app_id" not in columns):
            filters[row["table"]] = f"team = {own}"
        else:
            filters[row["table"]] = runs if {"app_id", "attempt_id"} <= columns else "0"
    return filters


def _map_literal(entries: Mapping[str, str]) -> str:
    return "{" + ",".join(f"{_quoted(name)}:{_quoted(value)}" for name, value in entries.items()) + "}"


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
