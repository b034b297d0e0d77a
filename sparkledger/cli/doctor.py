"""`sparkledger doctor`: is everything there that a run needs to reach the ledger?"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from typing import Annotated, Any, NamedTuple

import typer
from rich.text import Text

from sparkledger.cli.doctor_application import examine
from sparkledger.cli.errors import FAILED, CliError
from sparkledger.cli.output import when
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_JAVA_TIMEOUT_S = 20


class Check(NamedTuple):
    """One thing that was looked at. `needed` is false where its lack does not keep the ledger from working."""

    name: str
    good: bool
    finding: str
    hint: str = ""
    needed: bool = True


def doctor(
    context: typer.Context,
    app: Annotated[str, typer.Option("--app", metavar="APP", help="Say what is missing of this run, and why")] = "",
    attempt: Annotated[str | None, typer.Option(help="With --app: the attempt; the latest where absent")] = None,
) -> None:
    """Check jar, Java, store and server.

    Exits with 1 where something needed is missing.
    """
    session = Session.of(context)
    if app:
        examine(session, app, attempt)
        return
    checks = [_jar(), _java(), *_ledger(session)]
    if session.as_json:
        session.output.json([check._asdict() for check in checks])
    else:
        columns = [Column("", keep=True), Column("check", keep=True), Column("found", wrap=True)]
        session.output.table(
            columns, [(_mark(c), c.name, c.finding + (f"\nhint: {c.hint}" if c.hint and not c.good else "")) for c in checks]
        )
    if any(check.needed and not check.good for check in checks):
        raise typer.Exit(FAILED)


def _mark(check: Check) -> Text:
    if check.good:
        return Text("ok", style="green")
    return Text("missing", style="red") if check.needed else Text("note", style="yellow")


def _jar() -> Check:
    from listener.conf import jar_path
    from listener.errors import JarMissingError

    try:
        return Check("listener jar", True, str(jar_path()))
    except JarMissingError as error:
        return Check("listener jar", False, error.message, error.hint)


def _java() -> Check:
    hint = "only jobs that start on this machine need it: install a JRE, 17 or newer"
    java = shutil.which("java")
    if java is None:
        return Check("java", False, "not on PATH", hint, needed=False)
    try:
        said = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=_JAVA_TIMEOUT_S, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        return Check("java", False, f"{java} does not run: {error}", hint, needed=False)
    return Check("java", True, said.splitlines()[0] if said else java, needed=False)


def _ledger(session: Session) -> Iterator[Check]:
    try:
        api = session.connect()
    except CliError as error:
        yield Check("store", False, error.message, error.hint)
        return
    with api:
        yield _attempt("ledger", lambda: f"reached {'over HTTP: ' if '://' in api.where else 'in this process: '}{api.where}")
        yield _attempt("store", lambda: f"ready: {api.send('GET', '/readyz').json()['store']}")
        yield _attempt("runs", lambda: _newest(api.get("/applications", limit=1)["applications"]))


def _newest(applications: list[dict[str, Any]]) -> str:
    if not applications:
        return "none yet: a job sends its run with the flags of `sparkledger conf`"
    newest = applications[0]
    completeness = newest["completeness"]
    lost = completeness["dropped_events"] + completeness["bad_lines"]
    return f"newest {newest['app_id']}, started {when(newest['started_at'])} UTC, {completeness['events']:,} events, {lost:,} lost"


def _attempt(name: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name, True, look())
    except CliError as error:
        return Check(name, False, error.message, error.hint)
