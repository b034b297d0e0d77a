"""`sparkledger findings`: what is wrong, across applications or with one."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

import typer
from rich.text import Text

from analyzer.figures import NOTHING, core_time_range, usd_range
from sparkledger.cli.errors import FAILED
from sparkledger.cli.facts import Attempt
from sparkledger.cli.output import severity_text, still_to_analyse
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column


class Severity(str, Enum):
    """Severities by name, for the command line."""

    info = "info"
    low = "low"
    medium = "medium"
    high = "high"


_STANDSTILL_S = 300.0
"""After which a gate no longer waits for analyses: one that fails each time would keep it waiting for ever."""
_PAUSE_S = 0.5
_ORDER = [severity.value for severity in Severity]
_COLUMNS = [
    Column("severity", keep=True),
    Column("rule", keep=True),
    Column("application", drop=1, keep=True),
    Column("pipeline", drop=3),
    Column("what was found", wrap=True),
    Column("could save", "right", keep=True),
    Column("core time", "right", drop=2, keep=True),
]


def findings(
    context: typer.Context,
    app: Annotated[str | None, typer.Argument(metavar="[APP]", help="Only this application", show_default=False)] = None,
    attempt: Attempt = None,
    team: Annotated[str, typer.Option(help="Only this team")] = "",
    pipeline: Annotated[str, typer.Option(help="Only this pipeline")] = "",
    rule: Annotated[str, typer.Option(help="Only this rule, such as `SKW001`")] = "",
    min_severity: Annotated[Severity, typer.Option(help="This severity and those above")] = Severity.info,
    since: Annotated[datetime | None, typer.Option(help="Only of applications that started at or after this time, UTC")] = None,
    limit: Annotated[int, typer.Option(help="At most so many", min=1, max=500)] = 50,
    fail_on: Annotated[
        Severity | None,
        typer.Option(
            help="Exit with 1 where there is one of this severity or above; waits until what ended is analysed, 5 minutes at standstill"
        ),
    ] = None,
) -> None:
    """List findings, most severe first."""
    session = Session.of(context)
    with session.connect() as api:
        if app is not None:
            page = api.application(app, "/findings", attempt=attempt)
            page["findings"] = [f for f in page["findings"] if _fits(f, rule, min_severity)][:limit]
        else:
            wanted = {"team": team, "pipeline": pipeline, "rule": rule, "min_severity": min_severity.value, "limit": limit}
            page = _listed(lambda: api.get("/findings", since=since.isoformat() if since else None, **wanted), wait=fail_on is not None)
    found = page["findings"]
    if session.as_json:
        session.output.json(page)
    elif found:
        session.output.table(_COLUMNS, [_row(finding) for finding in found])
    elif not page.get("waiting_for_analysis"):
        session.output.say("nothing found")
    if page.get("next_cursor"):
        session.output.say(f"there are more: --limit {min(500, limit * 5)}")
    if page.get("waiting_for_analysis"):
        session.output.say(still_to_analyse(page["waiting_for_analysis"]))
        if fail_on is not None:
            session.output.say(f"no analysis came to an end for {_STANDSTILL_S:g} s: the exit code is about the others alone")
    if fail_on is not None and any(_ORDER.index(f["severity"]) >= _ORDER.index(fail_on.value) for f in found):
        raise typer.Exit(FAILED)


def _listed(ask: Callable[[], Any], *, wait: bool) -> Any:
    """The list; with `wait`, asked for until every application is analysed, or none was for `_STANDSTILL_S`."""
    page = ask()
    least, since_s = page["waiting_for_analysis"], time.monotonic()
    while wait and page["waiting_for_analysis"] and time.monotonic() - since_s < _STANDSTILL_S:
        time.sleep(_PAUSE_S)
        page = ask()
        if page["waiting_for_analysis"] < least:
            least, since_s = page["waiting_for_analysis"], time.monotonic()
    return page


def _fits(finding: dict[str, Any], rule: str, least: Severity) -> bool:
    return rule.upper() in ("", finding["rule_code"]) and _ORDER.index(finding["severity"]) >= _ORDER.index(least.value)


def _row(finding: dict[str, Any]) -> list[str | Text]:
    saving = finding["saving"]
    return [
        severity_text(finding["severity"]),
        finding["rule_code"],
        finding["app_id"],
        finding["pipeline"],
        finding["title"],
        usd_range(saving["low_usd"], saving["high_usd"]) if saving else NOTHING,
        core_time_range(saving["low_core_s"], saving["high_core_s"]) if saving and saving["high_core_s"] > 0 else "",
    ]
