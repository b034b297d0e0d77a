"""`sparkledger migrate`: bring the store's tables up to date, or show what that would do."""

from __future__ import annotations

from typing import Annotated

import typer

from sparkledger.cli.errors import CliError
from sparkledger.cli.session import Session
from sparkledger.server_file import read_server_file


def migrate(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the SQL instead of running it")] = False,
) -> None:
    """Bring the store's tables up to date.

    `up` and the other commands do so by themselves.
    """
    from collector.storage import StoreError
    from collector.storage.migrations import migrate as run_migrations
    from collector.storage.migrations import pending_migrations
    from collector.storage.opening import open_unmigrated

    session = Session.of(context)
    settings = session.settings
    running = read_server_file(settings.data_dir)
    if running is not None and settings.is_embedded:
        raise CliError(f"a server runs on `{settings.data_dir}` and has migrated it: {running.url}", hint="stop it first")
    try:
        with open_unmigrated(settings.effective_store_url) as store:
            pending = pending_migrations(store)
            if dry_run and not session.as_json:
                session.output.text(
                    ";\n\n".join(sql for migration in pending for sql in migration.statements(store.target)) + ";" * bool(pending)
                )
            elif not dry_run:
                run_migrations(store)
    except StoreError as error:
        raise CliError(str(error), hint=error.hint) from error
    names = [str(migration) for migration in pending]
    if session.as_json:
        session.output.json({"migrations": names, "applied": not dry_run})
    elif names:
        session.output.say(f"{'would apply' if dry_run else 'applied'}: {', '.join(names)}")
    else:
        session.output.say("the tables are up to date")
