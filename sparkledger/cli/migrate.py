"""`sparkledger migrate`: bring the store's tables up to date, or show what that would do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from sparkledger.cli.errors import CliError
from sparkledger.cli.session import Session
from sparkledger.server_file import read_server_file

if TYPE_CHECKING:
    from sparkledger.settings import Settings


def migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL instead of running it")] = False,
    print_grants: Annotated[
        bool, typer.Option("--print-grants", help="Print SQL that makes users with least rights, and do nothing")
    ] = False,
) -> None:
    """Bring the store's tables and their retention up to date.

    `up` and the other commands do so by themselves, where their user may.
    """
    if print_grants:
        _print_grants(Session.of(context))
        return
    session = Session.of(context)
    settings = session.settings
    running = read_server_file(settings.data_dir)
    if running is not None and settings.is_embedded:
        raise CliError(f"a server runs on `{settings.data_dir}` and has migrated it: {running.url}", hint="stop it first")
    names, altered, statements = _migrated(settings, dry_run)
    if session.as_json:
        session.output.json({"migrations": names, "retention": altered, "applied": not dry_run})
        return
    if statements:
        session.output.text(";\n\n".join(statements) + ";")
    if names:
        session.output.say(f"{'would apply' if dry_run else 'applied'}: {', '.join(names)}")
    if altered:
        session.output.say(f"{'would change' if dry_run else 'changed'} the retention of {len(altered)} tables")
    if not names and not altered:
        session.output.say("the tables are up to date")


def _migrated(settings: Settings, dry_run: bool) -> tuple[list[str], list[str], list[str]]:
    """Migrations by name, statements that alter retention, and all SQL that was not run because of `dry_run`."""
    from collector.storage import StoreError
    from collector.storage.migrations import migrate as run_migrations
    from collector.storage.migrations import pending_migrations
    from collector.storage.opening import open_unmigrated
    from collector.storage.retention import apply_retention, retention_statements

    try:
        with open_unmigrated(settings.effective_store_url) as store:
            pending = pending_migrations(store)
            names = [str(migration) for migration in pending]
            if dry_run:
                altered = retention_statements(store, settings.retention_of_store)
                return names, altered, [sql for migration in pending for sql in migration.statements(store.target)] + altered
            run_migrations(store)
            return names, apply_retention(store, settings.retention_of_store), []
    except StoreError as error:
        raise CliError(str(error), hint=error.hint) from error


def _print_grants(session: Session) -> None:
    from collector.storage import StoreError
    from collector.storage.clickhouse_server import server_address
    from collector.storage.grants import grant_statements

    if session.settings.is_embedded:
        raise CliError("an embedded store has no users", hint="set SPARKLEDGER_STORE_URL to clickhouse://HOST:8123/DATABASE")
    try:
        address = server_address(session.settings.effective_store_url)
    except StoreError as error:
        raise CliError(str(error), hint=error.hint) from error
    statements = list(grant_statements(address.database, address.target))
    if session.as_json:
        session.output.json({"statements": statements})
    else:
        session.output.text(";\n\n".join(statements) + ";")
