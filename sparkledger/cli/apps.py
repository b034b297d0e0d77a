"""`sparkledger apps`: what ran, newest first."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.text import Text

from analyzer.figures import core_time, duration, share, usd
from sparkledger.cli.output import SEVERITY_STYLE, still_to_analyse, when
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_COLUMNS = [
    Column("application", keep=True),
    Column("name", drop=1),
    Column("team", drop=5),
    Column("started (UTC)", drop=3, keep=True),
    Column("ran", "right", drop=6, keep=True),
    Column("core time", "right", drop=4, keep=True),
    Column("busy", "right", drop=2, keep=True),
    Column("cost", "right", keep=True),
    Column("findings", keep=True),
]


def apps(
    context: typer.Context,
    team: Annotated[str, typer.Option(help="Only this team")] = "",
    pipeline: Annotated[str, typer.Option(help="Only this pipeline")] = "",
    name: Annotated[str, typer.Option(help="Only names that hold this text")] = "",
    since: Annotated[datetime | None, typer.Option(help="Only those that started at or after this time, UTC")] = None,
    limit: Annotated[int, typer.Option(help="At most so many", min=1, max=500)] = 20,
) -> None:
    """List applications, newest first."""
    session = Session.of(context)
    with session.connect() as api:
        page = api.get("/applications", team=team, pipeline=pipeline, name=name, since=since.isoformat() if since else None, limit=limit)
        where = api.where
    if session.as_json:
        session.output.json(page)
        return
    applications = page["applications"]
    if applications:
        session.output.table(_COLUMNS, [_row(application) for application in applications])
    elif not page["waiting_for_analysis"]:
        _explain_nothing(session, where, filtered=bool(team or pipeline or name or since))
    if page["next_cursor"]:
        session.output.say(f"there are more: --limit {min(500, limit * 5)}")
    if page["waiting_for_analysis"]:
        session.output.say(still_to_analyse(page["waiting_for_analysis"]))


def _row(app: dict[str, Any]) -> list[str | Text]:
    cost, spent = app["cost"], app["core_time"]
    money = usd(cost["expected_usd"])
    lower_bound = "" if app["completeness"]["complete"] or money.startswith("<") else "≥ "
    return [
        app["app_id"] + (f" ({app['attempt_id']})" if app["attempt_id"] else ""),
        app["name"],
        app["team"],
        when(app["started_at"]),
        duration(app["wall_ms"]) + (f", {app['state']}" if app["state"] in ("lost", "open") else ""),
        core_time(spent["allocated_core_s"]),
        share(spent["busy_share"]),
        lower_bound + money,
        _findings(app),
    ]


def _findings(app: dict[str, Any]) -> Text:
    if not app["findings"]:
        return Text("none", style="green")
    severity = app["highest_severity"]
    return Text(f"{app['findings']} ({severity})", style=SEVERITY_STYLE[severity])


def _explain_nothing(session: Session, where: str, *, filtered: bool) -> None:
    if filtered:
        session.output.say("no application fits; leave filters out to see all")
        return
    session.output.say(f"no application yet in {where}")
    session.output.say("  a job sends its run with the flags of `sparkledger conf`; a log comes in with `sparkledger import PATH`")
