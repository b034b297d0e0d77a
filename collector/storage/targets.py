"""The kinds of ClickHouse that a store can live in, and what migrations must say differently to each."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from collector.storage.errors import MigrationError

LOCAL_SUFFIX = "_local"
"""Of a table that holds one shard's rows; the name without it reads and writes all shards."""

_PLACEHOLDER = re.compile(r"\{(\w+)(?::([a-z]\w*))?\}")
_CLUSTER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_QUORUM = re.compile(r"auto|[0-9]")
_CREATE_TABLE = re.compile(r"^CREATE TABLE IF NOT EXISTS (?P<table>\w+)", re.MULTILINE)
_ALTER_TABLE = re.compile(r"^ALTER TABLE (?P<table>\w+)", re.MULTILINE)
_FIRST_KEY = re.compile(r"^ORDER BY \(?(?P<column>\w+)", re.MULTILINE)
_OF_COLUMNS = re.compile(r"\b(ADD|DROP|RENAME|MODIFY) COLUMN\b")
_SORTING_KEY = re.compile(r",\s*MODIFY ORDER BY \([^()]*\)")


@dataclass(frozen=True, slots=True)
class Target:
    """How to fill a migration's placeholders: `{on_cluster}`, `{replacing:column}`, `{table_settings}`."""

    name: str
    replacing: str
    """Engine of a table that keeps the row with the greatest value of one column, for a key."""
    on_cluster: str = ""
    table_settings: str = ""
    distributed: str = ""
    """How a table over all shards is declared, with `{table}` for the shards' table and `{key}` for the expression that picks a
    row's shard; empty where there are no shards."""
    session: Mapping[str, Any] = field(default_factory=dict)
    """Settings that every statement runs with."""

    def render(self, template: str) -> str:
        """Fill the placeholders of a template. Raises `MigrationError` for an unknown one; `{x:Type}` parameters stay."""

        def fill(match: re.Match[str]) -> str:
            placeholder, argument = match.groups()
            if placeholder == "replacing" and argument:
                return f"{self.replacing}({argument})"
            if placeholder == "on_cluster" and not argument:
                return self.on_cluster
            if placeholder == "table_settings" and not argument:
                return self.table_settings
            raise MigrationError(
                f"unknown placeholder `{match.group(0)}`", hint="known: {on_cluster}, {replacing:column}, {table_settings}"
            )

        return re.sub(r"[ \t]+$", "", _PLACEHOLDER.sub(fill, template), flags=re.MULTILINE)

    def spread(self, statement: str) -> list[str]:
        """A rendered statement as what has to be run: with shards a table is two, one on each shard and one over all.

        Rows of one key lie on one shard, so FINAL and joins on `app_id` need no other shard.
        """
        if not self.distributed:
            return [statement]
        if created := _CREATE_TABLE.search(statement):
            return [_renamed(statement, created), self._over_shards(statement, created["table"])]
        if altered := _ALTER_TABLE.search(statement):
            on_shards = _renamed(statement, altered)
            # The table over all shards has columns and no sorting key.
            return [on_shards, _SORTING_KEY.sub("", statement)] if _OF_COLUMNS.search(statement) else [on_shards]
        return [statement]

    def shard_table(self, table: str) -> str:
        """The table that holds the rows of one shard, or of everything where there are no shards."""
        return f"{table}{LOCAL_SUFFIX}" if self.distributed else table

    def _over_shards(self, statement: str, table: str) -> str:
        first_key = _FIRST_KEY.search(statement)
        if first_key is None:
            raise MigrationError(f"table `{table}` has no line that starts with ORDER BY", hint="its first column picks a row's shard")
        local = f"{table}{LOCAL_SUFFIX}"
        over = self.distributed.format(table=local, key=f"cityHash64({first_key['column']})")
        return f"CREATE TABLE IF NOT EXISTS {table} {self.on_cluster} AS {over}".replace("  ", " ")


def _renamed(statement: str, named: re.Match[str]) -> str:
    return f"{statement[: named.end('table')]}{LOCAL_SUFFIX}{statement[named.end('table') :]}"


CHDB = Target(
    name="chdb",
    replacing="ReplacingMergeTree",
    # An acknowledged insert has to survive a power cut: there is no replica. Merges replace their sources at once in this
    # engine, so their results need it as much as inserts do.
    table_settings=(
        "SETTINGS fsync_after_insert = 1, fsync_part_directory = 1,"
        " min_rows_to_fsync_after_merge = 1, min_compressed_bytes_to_fsync_after_merge = 1"
    ),
)
SERVER = Target(name="server", replacing="ReplacingMergeTree")


def cluster(name: str, quorum: str = "auto") -> Target:
    """Shards of replicas under the name that the cluster has in the server's `remote_servers`.

    `quorum` says how many replicas of a shard must hold an insert before it is acknowledged: `auto` for most of them, a number,
    or 0 for one. Its replicas need the macros `shard` and `replica`, and `internal_replication` in `remote_servers`.
    """
    if not _CLUSTER_NAME.fullmatch(name):
        raise MigrationError(f"`{name}` is no cluster name", hint="letters, digits, `_` and `-`, as in the server's remote_servers")
    if not _QUORUM.fullmatch(quorum):
        raise MigrationError(f"`{quorum}` is no quorum", hint="`auto` for most replicas of a shard, or how many")
    return Target(
        name="cluster",
        replacing="ReplicatedReplacingMergeTree",
        on_cluster=f"ON CLUSTER '{name}'",
        distributed=f"{{table}}\nENGINE = Distributed('{name}', currentDatabase(), {{table}}, {{key}})",
        session={
            # Otherwise an insert returns once its rows lie in a queue of the node that took it.
            "distributed_foreground_insert": 1,
            "insert_quorum": quorum,
            # Tables are joined on app_id, whose rows all lie on one shard.
            "distributed_product_mode": "local",
            "optimize_skip_unused_shards": 1,
        },
    )
