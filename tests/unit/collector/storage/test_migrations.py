"""Migrations: what they say to each kind of ClickHouse, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from collector.storage import MigrationError, Store, open_store
from collector.storage.migrations import Migration, migrate, pending_migrations, render_script, shipped_migrations
from collector.storage.targets import CHDB, SERVER, Target, cluster

GOLDEN = Path(__file__).parents[3] / "golden" / "migrations"
TARGETS = [CHDB, SERVER, cluster("ledger")]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("store")) as store:
        yield store


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)
def test_migrations_say_to_each_target_what_was_reviewed(target: Target, update_goldens: bool) -> None:
    rendered = render_script(shipped_migrations(), target)
    golden = GOLDEN / f"{target.name}.sql"
    if update_goldens:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(rendered, encoding="utf-8")
    assert rendered == golden.read_text(encoding="utf-8"), "review the change and rerun with --update-goldens"


def test_every_table_replaces_by_its_key() -> None:
    statements = [statement for migration in shipped_migrations() for statement in migration.statements(SERVER)]
    tables = [statement for statement in statements if "CREATE TABLE" in statement]
    assert len(tables) > 10
    assert [statement for statement in tables if "ENGINE = ReplacingMergeTree(" not in statement] == []


def test_every_statement_may_be_repeated(store: Store) -> None:
    for migration in shipped_migrations():
        for statement in migration.statements(store.target):
            store.command(statement)
    assert pending_migrations(store) == []


def test_an_up_to_date_store_is_left_alone(store: Store) -> None:
    assert migrate(store) == []


def test_a_new_migration_is_applied_once(store: Store) -> None:
    shipped = shipped_migrations()
    added = Migration(
        len(shipped) + 1,
        "extra",
        "CREATE TABLE IF NOT EXISTS extra {on_cluster} (x UInt8) ENGINE = {replacing:x} ORDER BY x {table_settings};",
    )
    try:
        assert migrate(store, [*shipped, added]) == [added]
        assert migrate(store, [*shipped, added]) == []
        assert store.rows("SELECT x FROM extra") == []
        with pytest.raises(MigrationError, match=r"the store is at schema \d{4} but this version knows"):
            migrate(store)
    finally:
        store.command("DROP TABLE IF EXISTS extra")
        store.command(f"ALTER TABLE schema_migrations DELETE WHERE version = {added.version} SETTINGS mutations_sync = 1")


def test_a_shipped_migration_that_was_edited_is_refused(store: Store) -> None:
    first, *rest = shipped_migrations()
    with pytest.raises(MigrationError, match=f"`{first}` differs"):
        migrate(store, [replace(first, template=first.template + "-- edited"), *rest])


def test_a_migration_cut_off_by_a_crash_is_run_again(store: Store) -> None:
    shipped = shipped_migrations()
    broken = Migration(len(shipped) + 1, "cut", "CREATE TABLE IF NOT EXISTS cut (x UInt8) ENGINE = Memory; SELECT nonsense;")
    whole = replace(broken, template="CREATE TABLE IF NOT EXISTS cut (x UInt8) ENGINE = Memory;")
    try:
        with pytest.raises(Exception, match="nonsense"):
            migrate(store, [*shipped, broken])
        assert pending_migrations(store, [*shipped, whole]) == [whole]
    finally:
        store.command("DROP TABLE IF EXISTS cut")


@pytest.mark.parametrize(
    ("template", "rendered"),
    [
        ("CREATE TABLE t {on_cluster} (x UInt8)", "CREATE TABLE t ON CLUSTER 'ledger' (x UInt8)"),
        ("ENGINE = {replacing:received_at}", "ENGINE = ReplicatedReplacingMergeTree(received_at)"),
        ("SELECT {app_id:String}, {ids:Array(UInt32)}", "SELECT {app_id:String}, {ids:Array(UInt32)}"),
        ("ORDER BY x\n{table_settings}", "ORDER BY x\n"),
    ],
)
def test_placeholders_are_filled_and_parameters_stay(template: str, rendered: str) -> None:
    assert cluster("ledger").render(template) == rendered


@pytest.mark.parametrize("template", ["{on_custer}", "{replacing}", "{table_settings:x}", "{ttl:days}"])
def test_an_unknown_placeholder_is_refused(template: str) -> None:
    with pytest.raises(MigrationError, match="unknown placeholder") as caught:
        SERVER.render(template)
    assert "{replacing:column}" in caught.value.hint


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["0001_a.sql", "0003_c.sql"], "number 0002 is due"),
        (["0001_a.sql", "0001_b.sql"], "number 0002 is due"),
        (["1_a.sql"], "is no migration's name"),
        (["0001_Upper.sql"], "is no migration's name"),
    ],
)
def test_files_are_numbered_without_gaps(tmp_path: Path, names: list[str], message: str) -> None:
    for name in names:
        (tmp_path / name).write_text("SELECT 1")
    with pytest.raises(MigrationError, match=message):
        shipped_migrations(tmp_path)
