"""`sparkledger import PLACE…`: event logs that Spark wrote. They are decoded here and stored by whoever owns the store."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Annotated

import typer

from sparkledger.cli.errors import FAILED, UNAVAILABLE, USAGE, CliError
from sparkledger.cli.output import Output
from sparkledger.cli.session import Session
from sparkledger.cli.signals import sigterm_interrupts

if TYPE_CHECKING:
    from collector.eventlog.sources import LogSource
    from collector.importing import ImportedLog
    from collector.importing.decoders import Decoders
    from sparkledger.connection import Connection
    from sparkledger.import_target import ImportTarget

_PLACES = "Logs, rolling-log folders, folders of them, archives (zip, tar), or URLs of these (s3://, hdfs://, gs://)"


def import_logs(
    context: typer.Context,
    places: Annotated[list[str], typer.Argument(metavar="PATH...", help=_PLACES)],
    watch: Annotated[bool, typer.Option("--watch", help="Stay, and import what is new or grows, until interrupted")] = False,
    interval: Annotated[float, typer.Option(min=0.1, help="Seconds between looks with --watch")] = 10.0,
) -> None:
    """Import event logs of any codec that Spark writes.

    Importing one again changes nothing. Exits with 1 where one could not be imported.
    """
    session = Session.of(context)
    if watch:
        # An import that was cut short is completed by the next one.
        with session.connect() as api, suppress(KeyboardInterrupt), sigterm_interrupts():
            _watch(session, api, places, interval)
        return
    from collector.importing.decoders import decoders_for
    from sparkledger.import_target import import_target

    found = _found(places)  # before a store is opened for what is not there
    with decoders_for(found) as decoders, import_target(session.settings, session.shared.server) as target:
        logs = _import(session, target, found, decoders)
    where = target.where
    if not logs:
        session.output.say("no log found there")
    elif not session.as_json:
        _sum_up(session.output, logs, where)
    if any(log.skipped for log in logs):
        raise typer.Exit(FAILED)


def _found(places: list[str]) -> list[LogSource]:
    from collector.eventlog.sources import SourceNotFound, find_logs

    try:
        return [source for place in places for source in find_logs(place)]
    except SourceNotFound as error:
        message, _, hint = str(error).partition("\n\nhint: ")
        raise CliError(message, hint=hint, exit_code=USAGE) from error


def _import(session: Session, target: ImportTarget, sources: list[LogSource], decoders: Decoders) -> list[ImportedLog]:
    from collector.importing import import_sources
    from sparkledger.cli.import_progress import ImportProgress

    with ImportProgress(session.output, live_json=session.as_json) as progress:
        return import_sources(sources, target.sink, target.catalog, decoders, progress)


def _watch(session: Session, api: Connection, places: list[str], interval_s: float) -> None:
    """Import what changes until interrupted. A server that is away for a while is waited for."""
    from collector.eventlog.sources import SourceNotFound
    from collector.importing.decoders import decoders_for
    from collector.importing.watch import Watch, pauses
    from sparkledger.import_target import target_over_http

    watched = Watch(places)
    session.output.say(f"watching {', '.join(places)} for {api.where}; Ctrl-C ends it")
    for first, _ in enumerate(pauses(interval_s)):
        try:
            changed = watched.changed()
            if changed:
                sources = [source for source, _ in changed]
                with decoders_for(sources) as decoders, target_over_http(api) as target:
                    _import(session, target, sources, decoders)
                watched.imported(changed)
        except SourceNotFound as error:
            if first == 0:
                raise CliError(str(error), exit_code=USAGE) from error
            session.output.say(f"{error}; trying again")
        except CliError as error:
            if error.exit_code != UNAVAILABLE:
                raise
            session.output.say(f"{error}; trying again")


def _sum_up(output: Output, logs: list[ImportedLog], where: str) -> None:
    new = [log for log in logs if not log.already_imported and not log.skipped]
    known = sum(log.already_imported for log in logs)
    skipped = [log for log in logs if log.skipped]
    malformed = [log for log in new if log.bad_lines]
    events = sum(log.events for log in new)
    parts = [f"imported {_counted(len(new), 'log')} with {_counted(events, 'event')} into {where}"]
    parts += [f"{known} had been imported before"] if known else []
    parts += [f"{len(skipped)} skipped"] if skipped else []
    output.say("; ".join(parts))
    for log in malformed:
        output.say(f"{_counted(log.bad_lines, 'bad line')} left out of {log.path}:")
        for line in log.bad:
            output.say(f"  {line}")
        if log.bad_lines > len(log.bad):
            output.say(f"  and {log.bad_lines - len(log.bad):,} more")
    for log in skipped:
        output.say(f"skipped {log.path}: {log.skipped}")


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
