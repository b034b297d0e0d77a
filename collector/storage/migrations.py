"""Numbered SQL files that build the schema, and the ledger of those that a store has seen.

A migration is a template `migrations/NNNN_what.sql`; `targets.Target` fills its placeholders. Every statement must be safe
to repeat (`IF NOT EXISTS`), so one that was cut off by a crash is simply run again. A shipped file never changes:
the ledger keeps its checksum.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

import pyarrow as pa

from collector.storage.client import Store
from collector.storage.errors import MigrationError
from collector.storage.sql_text import split_statements
from collector.storage.targets import Target

DIRECTORY = Path(__file__).parent / "migrations"
LEDGER = "schema_migrations"

_FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LEDGER_TEMPLATE = f"""CREATE TABLE IF NOT EXISTS {LEDGER} {{on_cluster}} (
  version    UInt32,
  name       String,
  checksum   String,
  applied_at DateTime64(3, 'UTC')
) ENGINE = {{replacing:applied_at}}
ORDER BY version
{{table_settings}}"""
_LEDGER_EXISTS = "SELECT 1 AS found FROM system.tables WHERE database = {database:String} AND name = {ledger:String}"
_LEDGER_ROWS = f"SELECT version, name, checksum FROM {LEDGER} FINAL ORDER BY version"


@dataclass(frozen=True, slots=True)
class Migration:
    """One shipped file."""

    version: int
    name: str
    template: str

    @property
    def checksum(self) -> str:
        """SHA-256 of the file's text, so the same for every target."""
        return hashlib.sha256(self.template.encode()).hexdigest()

    def statements(self, target: Target) -> list[str]:
        """The SQL for one target, a statement an item."""
        return [part for statement in split_statements(target.render(self.template)) for part in target.spread(statement)]

    def __str__(self) -> str:
        return f"{self.version:04d}_{self.name}"


def shipped_migrations(directory: Path = DIRECTORY) -> list[Migration]:
    """The migrations of this version of the code, in order. Raises `MigrationError` for a stray name, a gap or a double."""
    migrations = [_read(path) for path in sorted(directory.glob("*.sql"))]
    for expected, migration in enumerate(migrations, start=1):
        if migration.version != expected:
            raise MigrationError(f"migration `{migration}` stands where number {expected:04d} is due", hint="number them without gaps")
    return migrations


def pending_migrations(store: Store, shipped: Sequence[Migration] | None = None) -> list[Migration]:
    """Migrations that the store has not seen.

    Raises `MigrationError` where a file that the store has seen was changed since, or where the store has seen newer
    ones than this code ships.
    """
    shipped = shipped_migrations() if shipped is None else shipped
    applied = _applied(store)
    newest = max(applied, default=0)
    if newest > len(shipped):
        raise MigrationError(
            f"the store is at schema {newest:04d} but this version knows {len(shipped):04d}",
            hint="upgrade sparkledger, or open another store",
        )
    for migration in shipped:
        if migration.version in applied and applied[migration.version] != migration.checksum:
            raise MigrationError(
                f"migration `{migration}` differs from the one that the store has seen",
                hint="a shipped migration never changes: restore the file and add a new one",
            )
    return [migration for migration in shipped if migration.version not in applied]


def migrate(store: Store, shipped: Sequence[Migration] | None = None) -> list[Migration]:
    """Bring the store's tables up to date; return what was applied. Raises `MigrationError` as `pending_migrations` does."""
    pending = pending_migrations(store, shipped)
    if pending:
        for statement in _ledger_statements(store.target):
            store.command(statement)
    for migration in pending:
        for statement in migration.statements(store.target):
            store.command(statement)
        store.insert(LEDGER, _ledger_row(migration))
    return pending


def render_script(migrations: Sequence[Migration], target: Target) -> str:
    """What `migrate` would run, as one script, without running it."""
    return "\n\n".join(_script_parts(migrations, target)) + "\n"


def _script_parts(migrations: Sequence[Migration], target: Target) -> Iterator[str]:
    for statement in _ledger_statements(target):
        yield f"{statement};"
    for migration in migrations:
        yield f"-- {migration}"
        for statement in migration.statements(target):
            yield f"{statement};"


def _ledger_statements(target: Target) -> list[str]:
    return target.spread(target.render(_LEDGER_TEMPLATE).rstrip())


def _read(path: Path) -> Migration:
    match = _FILE_NAME.fullmatch(path.name)
    if match is None:
        raise MigrationError(f"`{path.name}` is no migration's name", hint="NNNN_what.sql, in lower case")
    return Migration(version=int(match[1]), name=match[2], template=path.read_text(encoding="utf-8"))


def _applied(store: Store) -> dict[int, str]:
    if not store.rows(_LEDGER_EXISTS, {"database": store.database, "ledger": LEDGER}):
        return {}
    return {row["version"]: row["checksum"] for row in store.rows(_LEDGER_ROWS)}


def _ledger_row(migration: Migration) -> pa.Table:
    return pa.table(
        {
            "version": pa.array([migration.version], pa.uint32()),
            "name": [migration.name],
            "checksum": [migration.checksum],
            "applied_at": pa.array([datetime.now(timezone.utc)], pa.timestamp("ms", "UTC")),
        }
    )
