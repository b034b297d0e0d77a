"""`sparkledger facts APP`: the totals to check against Spark's own UI."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from analyzer.figures import NOTHING
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

App = Annotated[str, typer.Argument(metavar="APP", help="Application id; `sparkledger apps` lists them")]
Attempt = Annotated[str | None, typer.Option(help="Attempt id; the latest where absent", metavar="N")]


def facts(context: typer.Context, app: App, attempt: Attempt = None) -> None:
    """Show an application's fact sheet."""
    session = Session.of(context)
    with session.connect() as api:
        sheet = api.application(app, "/facts", attempt=attempt)
    if session.as_json:
        session.output.json(sheet["facts"])
        return
    rows = list(_flat(sheet["facts"]))
    session.output.table([Column("fact", keep=True), Column("value", "right", wrap=True)], rows)


def _flat(value: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, item in value.items():
        if isinstance(item, dict):
            rows += _flat(item, f"{prefix}{name}.")
        elif isinstance(item, list) and item and isinstance(item[0], dict):
            for place, entry in enumerate(item):
                rows += _flat(entry, f"{prefix}{name}[{place}].")
        else:
            rows.append((prefix + name, _readable(item)))
    return rows


def _readable(value: Any) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)
