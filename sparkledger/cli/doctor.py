"""`sparkledger doctor`: is everything there that a run needs to reach the ledger?"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from listener.conf import SETTINGS_PREFIX
from sparkledger.cli.doctor_application import examine
from sparkledger.cli.doctor_checks.check import Check
from sparkledger.cli.doctor_checks.job import job
from sparkledger.cli.doctor_checks.ledger import ledger
from sparkledger.cli.doctor_checks.machine import machine
from sparkledger.cli.errors import FAILED, USAGE, CliError
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column
from sparkledger.own_token import read_own_token
from sparkledger.server_file import read_server_file


def doctor(
    context: typer.Context,
    url: Annotated[str | None, typer.Option(metavar="URL", help="Look at this collector as a job would, instead of at the ledger")] = None,
    conf: Annotated[list[str] | None, typer.Option(metavar="KEY=VALUE", help="A property of a job; may be repeated")] = None,
    app: Annotated[str, typer.Option("--app", metavar="APP", help="Say what is missing of this run, and why")] = "",
    attempt: Annotated[str | None, typer.Option(help="With --app: the attempt; the latest where absent")] = None,
) -> None:
    """Check jar, class, Java, store and server, or a collector and the properties of a job.

    Exits with 1 where something needed is missing.
    """
    session = Session.of(context)
    if app:
        examine(session, app, attempt)
        return
    properties = dict(_pair(text) for text in conf or [])
    where = url or properties.get(f"{SETTINGS_PREFIX}url")
    checks = [*machine(), *(job(properties) if properties else ())]
    checks += _as_a_job(session, where, properties) if where else _ledger(session)
    if session.as_json:
        session.output.json([check._asdict() for check in checks])
    else:
        columns = [Column("", keep=True), Column("check", keep=True), Column("found", wrap=True)]
        session.output.table(
            columns, [(_mark(c), c.name, c.finding + (f"\nhint: {c.hint}" if c.hint and not c.good else "")) for c in checks]
        )
    if any(check.needed and not check.good for check in checks):
        raise typer.Exit(FAILED)


def _as_a_job(session: Session, url: str, properties: dict[str, str]) -> Iterator[Check]:
    in_file = _token_in(properties.get(f"{SETTINGS_PREFIX}token.file", ""))
    token = properties.get(f"{SETTINGS_PREFIX}token") or in_file or _token_of(session)
    return _collector(url, token, properties.get(f"{SETTINGS_PREFIX}tls.ca"))


def _collector(url: str, token: str | None, authority: str | None = None) -> Iterator[Check]:
    from sparkledger.cli.doctor_checks.collector import collector

    return collector(url, token, authority)


def _ledger(session: Session) -> Iterator[Check]:
    try:
        api = session.connect()
    except CliError as error:
        yield Check("store", False, error.message, error.hint)
        return
    with api:
        yield from ledger(api)
        if "://" in api.where:
            yield from _collector(api.where, _token_of(session, api.where))


def _token_in(file: str) -> str | None:
    """The token in a job's file, where that is on this machine, too."""
    try:
        return Path(file).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):
        return None


def _token_of(session: Session, url: str = "") -> str | None:
    """The token of the settings, else that of this machine's commands where their server is the one at `url`."""
    settings = session.settings
    if settings.token:
        return settings.token.get_secret_value()
    running = read_server_file(settings.data_dir)
    return read_own_token(settings.data_dir) if running is not None and running.url == url.rstrip("/") else None


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals:
        raise CliError(f"not a property: `{text}`", hint="write --conf KEY=VALUE", exit_code=USAGE)
    return key.strip(), value


def _mark(check: Check) -> Text:
    if check.good:
        return Text("ok", style="green")
    return Text("missing", style="red") if check.needed else Text("note", style="yellow")
