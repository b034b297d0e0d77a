"""`sparkledger import PATH…`: event logs that Spark wrote. They are decoded here and stored by whoever owns the store."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sparkledger.cli.errors import FAILED, USAGE, CliError
from sparkledger.cli.output import Output
from sparkledger.cli.session import Session

if TYPE_CHECKING:
    from collector.importing import ImportedLog


def import_logs(
    context: typer.Context,
    paths: Annotated[
        list[Path], typer.Argument(metavar="PATH...", help="Logs, rolling-log folders, or folders of them; plain, gzip or zstd")
    ],
) -> None:
    """Import event logs.

    Importing one again changes nothing. Exits with 1 where one could not be imported.
    """
    from collector.eventlog.sources import SourceNotFound
    from collector.importing import import_paths
    from sparkledger.cli.import_progress import ImportProgress
    from sparkledger.import_over_http import HttpCatalog, HttpSink

    session = Session.of(context)
    with session.connect() as api, ImportProgress(session.output, live_json=session.as_json) as progress:
        try:
            logs = import_paths(paths, HttpSink(api), HttpCatalog(api), progress)
        except SourceNotFound as error:
            raise CliError(str(error), exit_code=USAGE) from error
        where = api.where
    if not logs:
        session.output.say("no log found there")
    elif not session.as_json:
        _sum_up(session.output, logs, where)
    if any(log.skipped for log in logs):
        raise typer.Exit(FAILED)


def as_object(log: ImportedLog) -> dict[str, Any]:
    """One log as `--json` prints it, one object a line."""
    values = asdict(log)
    return {
        "path": str(log.path),
        "app_id": log.app_id,
        "attempt": log.attempt_id,
        **{
            name: values[name]
            for name in ("events", "bad_lines", "unknown_events", "already_imported", "incomplete", "first_error", "skipped")
        },
    }


def _sum_up(output: Output, logs: list[ImportedLog], where: str) -> None:
    new = [log for log in logs if not log.already_imported and not log.skipped]
    known = sum(log.already_imported for log in logs)
    events = sum(log.events for log in new)
    parts = [f"imported {len(new)} {'log' if len(new) == 1 else 'logs'} with {events:,} events into {where}"]
    parts += [f"{known} had been imported before"] if known else []
    output.say("; ".join(parts))
