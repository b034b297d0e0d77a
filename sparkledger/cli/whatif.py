"""`sparkledger whatif APP`: what a run would have taken and cost on other executors."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from analyzer.figures import change, core_time, duration, usd
from sparkledger.cli.facts import App, Attempt
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_COLUMNS = [
    Column("configuration", keep=True),
    Column("executors", "right", drop=4, keep=True),
    Column("time", "right", keep=True),
    Column("vs actual", "right", drop=1, keep=True),
    Column("core time", "right", drop=3, keep=True),
    Column("cost", "right", keep=True),
    Column("vs actual", "right", drop=2, keep=True),
]


def whatif(
    context: typer.Context,
    app: App,
    attempt: Attempt = None,
    executors: Annotated[
        str, typer.Option(help="Fixed executor counts; a quarter to four times the run's where absent", metavar="5,10,20")
    ] = "",
    cores: Annotated[
        int | None, typer.Option(help="Cores an executor; as the run had them where absent", metavar="N", min=1, max=256)
    ] = None,
    max_executors: Annotated[
        int | None, typer.Option(help="Dynamic allocation with at most N executors", metavar="N", min=1, max=10_000)
    ] = None,
) -> None:
    """Predict time and cost on other executors, with the error of the prediction."""
    session = Session.of(context)
    with session.connect() as api:
        answer = api.get(f"/applications/{app}/whatif", attempt=attempt, executors=executors, cores=cores, max_executors=max_executors)
    if session.as_json:
        session.output.json(answer)
        return
    actual = answer["actual"]
    session.output.table(_COLUMNS, [_row(each, actual) for each in (actual, answer["replayed"], *answer["scenarios"])])
    session.output.show(*(Text(line) for line in _talk(answer)))


def _row(configuration: dict[str, Any], actual: dict[str, Any]) -> list[str]:
    itself = configuration is actual
    return [
        configuration["name"],
        f"{configuration['executors_peak']:,}",
        duration(configuration["wall_ms"]),
        "" if itself else change(configuration["wall_ms"], actual["wall_ms"]),
        core_time(configuration["core_h"] * 3600),
        usd(configuration["expected_usd"]),
        "" if itself else change(configuration["expected_usd"], actual["expected_usd"]),
    ]


def _talk(answer: dict[str, Any]) -> list[str]:
    error = answer["error"]
    as_of = f" of {answer['prices_as_of']}" if answer["prices_as_of"] else ""
    return [
        "",
        f"error of the replay on what really ran: time {error['wall']:+.1%}, core time {error['core_time']:+.1%}",
        f"no number of executors makes it faster than {duration(answer['critical_path_ms'])}: driver and longest tasks",
        f"priced as {answer['target']}, price book {answer['price_book']}{as_of}",
        *(f"note: {note}" for note in answer["notes"]),
    ]
