"""Users with least rights, as SQL for the server's administrator. sparkledger itself never runs it.

| user | for | may |
|---|---|---|
| sparkledger_migrator | `sparkledger migrate` | make and alter the tables of one database |
| sparkledger_writer | `sparkledger up` | read and insert; no change of tables, no deletion |
| sparkledger_reader | dashboards, other tools | read, within limits that it cannot lift |
"""

from __future__ import annotations

from collections.abc import Iterator

from clickhouse_connect.driver.binding import quote_identifier

from collector.storage.targets import Target

PASSWORD = "CHANGE-ME"
MIGRATOR, WRITER, READER = "sparkledger_migrator", "sparkledger_writer", "sparkledger_reader"

_MIGRATOR_RIGHTS = "SELECT, INSERT, CREATE DATABASE, CREATE TABLE, CREATE VIEW, ALTER TABLE, ALTER VIEW"
_READER_LIMITS = (
    "readonly = 2 READONLY, max_execution_time = 60 READONLY, max_memory_usage = 4000000000 READONLY, max_result_rows = 1000000 READONLY"
)


def grant_statements(database: str, target: Target) -> Iterator[str]:
    """Statements that make the three users; each can be repeated."""
    on_cluster = f" {target.on_cluster}" if target.on_cluster else ""
    name = quote_identifier(database)
    yield (f"CREATE SETTINGS PROFILE IF NOT EXISTS sparkledger_reading{on_cluster} SETTINGS\n  {_READER_LIMITS}")
    for user in (MIGRATOR, WRITER):
        yield f"CREATE USER IF NOT EXISTS {user}{on_cluster} IDENTIFIED WITH sha256_password BY '{PASSWORD}'"
    yield (
        f"CREATE USER IF NOT EXISTS {READER}{on_cluster} IDENTIFIED WITH sha256_password BY '{PASSWORD}'"
        " SETTINGS PROFILE sparkledger_reading"
    )
    yield f"GRANT{on_cluster} {_MIGRATOR_RIGHTS} ON {name}.* TO {MIGRATOR}"
    if target.on_cluster:
        # A table over all shards reads from other servers, which is a right of its own.
        yield f"GRANT{on_cluster} CLUSTER, REMOTE ON *.* TO {MIGRATOR}"
    yield f"GRANT{on_cluster} SELECT, INSERT ON {name}.* TO {WRITER}"
    yield f"GRANT{on_cluster} SELECT ON {name}.* TO {READER}"
