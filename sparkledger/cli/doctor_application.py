"""`sparkledger doctor --app APP`: what is missing of one run, and why."""

from __future__ import annotations

from typing import Any

import typer
from rich.text import Text

from sparkledger.cli.errors import FAILED
from sparkledger.cli.output import when
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_STATES = {
    "ended": "its end was seen",
    "failed": "its end was seen, or its last job's failure",
    "lost": "lost: no end was seen",
    "open": "no end was seen yet",
}


def examine(session: Session, app_id: str, attempt: str | None) -> None:
    """Print how complete a run is. Exits with 1 where something of it is missing."""
    with session.connect() as api:
        detail = api.application(app_id, "/completeness", attempt=attempt)
    if session.as_json:
        session.output.json(detail)
    else:
        _print(session, detail)
    if not detail["complete"]:
        raise typer.Exit(FAILED)


def _print(session: Session, detail: dict[str, Any]) -> None:
    columns = [Column("", keep=True), Column("check", keep=True), Column("found", wrap=True)]
    rows: list[tuple[str | Text, ...]] = [(_mark(detail["state"] in ("ended", "failed")), "end", _end(detail))]
    rows += [(_mark(not _lost(delivery)), _name(delivery["source"]), _delivery(delivery)) for delivery in detail["deliveries"]]
    rows += [
        (
            Text("note", style="yellow"),
            remark["code"].replace("_", " "),
            f"{remark['finding']}\n{remark['meaning']}\nhint: {remark['hint']}",
        )
        for remark in detail["remarks"]
    ]
    session.output.table(columns, rows)
    session.output.say("nothing is missing" if detail["complete"] else "every sum of this run is a lower bound")


def _mark(good: bool) -> Text:
    return Text("ok", style="green") if good else Text("note", style="yellow")


def _end(detail: dict[str, Any]) -> str:
    return f"{_STATES[detail['state']]}; last event {when(detail['ended_at'])} UTC"


def _name(source: str) -> str:
    return {"listener": "sent live", "post": "posted", "log": "imported"}[source]


def _lost(delivery: dict[str, Any]) -> int:
    return int(delivery["dropped_events"] + delivery["missing_batches"] + delivery["bad_lines"] + delivery["cut_off"])


def _delivery(delivery: dict[str, Any]) -> str:
    return f"{delivery['events']:,} events in {delivery['batches']:,} batches, the last {when(delivery['last_received_at'])} UTC"
