"""The kinds of ClickHouse that a store can live in, and what migrations must say differently to each."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.storage.errors import MigrationError

_PLACEHOLDER = re.compile(r"\{(\w+)(?::([a-z]\w*))?\}")
_CLUSTER_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class Target:
    """How to fill a migration's placeholders: `{on_cluster}`, `{replacing:column}`, `{table_settings}`."""

    name: str
    replacing: str
    """Engine of a table that keeps the row with the greatest value of one column, for a key."""
    on_cluster: str = ""
    table_settings: str = ""

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


def cluster(name: str) -> Target:
    """A cluster of replicas (one shard) under the name it has in the server's `remote_servers`."""
    if not _CLUSTER_NAME.fullmatch(name):
        raise MigrationError(f"`{name}` is no cluster name", hint="letters, digits, `_` and `-`, as in the server's remote_servers")
    return Target(name="cluster", replacing="ReplicatedReplacingMergeTree", on_cluster=f"ON CLUSTER '{name}'")
