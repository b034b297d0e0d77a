"""`sparkledger whatif APP`: what a run would have taken and cost on other executors, or on Spot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import typer
from rich.console import RenderableType
from rich.text import Text

from analyzer.figures import MINUS, change, core_time, duration, usd, usd_range
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
    memory_gib: Annotated[
        float | None, typer.Option(help="Memory an executor, overhead included; changes the price only", metavar="GIB", min=0.1, max=4096)
    ] = None,
    max_executors: Annotated[
        int | None, typer.Option(help="Dynamic allocation with at most N executors", metavar="N", min=1, max=10_000)
    ] = None,
    min_executors: Annotated[
        int | None, typer.Option(help="Dynamic allocation with at least N executors", metavar="N", min=0, max=10_000)
    ] = None,
    initial_executors: Annotated[
        int | None, typer.Option(help="Dynamic allocation with N executors at first", metavar="N", min=0, max=10_000)
    ] = None,
    idle_timeout: Annotated[
        float | None, typer.Option(help="Dynamic allocation that releases executors idle for S seconds", metavar="S", min=1, max=86_400)
    ] = None,
    pareto: Annotated[bool, typer.Option("--pareto", help="Forty executor counts: time against dollars, as table and chart")] = False,
    spot: Annotated[bool, typer.Option("--spot", help="On Spot instead: saving, delay, On-Demand share, break-even")] = False,
) -> None:
    """Predict time and cost on other executors, with the error of the prediction."""
    session = Session.of(context)
    with session.connect() as api:
        if spot:
            answer = api.application(app, "/spot", attempt=attempt)
        else:
            answer = api.application(
                app,
                "/whatif",
                attempt=attempt,
                executors=executors,
                cores=cores,
                memory_gib=memory_gib,
                max_executors=max_executors,
                min_executors=min_executors,
                initial_executors=initial_executors,
                idle_timeout_s=idle_timeout,
                pareto=pareto or None,
            )
    if session.as_json:
        session.output.json(answer)
    elif spot:
        _show_spot(session, answer)
    else:
        _show_scenarios(session, answer, pareto)


def _show_spot(session: Session, answer: dict[str, Any]) -> None:
    from sparkledger.cli.spot_view import OPTION_COLUMNS, STAGE_COLUMNS, option_rows, stage_rows, talk

    session.output.table(OPTION_COLUMNS, option_rows(answer))
    session.output.show(Text())
    session.output.table(STAGE_COLUMNS, stage_rows(answer))
    session.output.show(Text(), *(Text(line) for line in talk(answer)))


def _show_scenarios(session: Session, answer: dict[str, Any], pareto: bool) -> None:
    actual = answer["actual"]
    shown = [each for each in answer["scenarios"] if each["on_front"] or not pareto]
    session.output.table(_COLUMNS, [_row(each, actual) for each in (actual, answer["replayed"], *shown)])
    session.output.show(*_below(answer, pareto))


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


def _below(answer: dict[str, Any], pareto: bool) -> Iterator[RenderableType]:
    if pareto:
        from sparkledger.cli.scatter import Point, Scatter

        actual = answer["actual"]
        points = [Point(each["wall_ms"], each["expected_usd"], "front" if each["on_front"] else "other") for each in answer["scenarios"]]
        yield Text()
        yield Scatter([*points, Point(actual["wall_ms"], actual["expected_usd"], "actual")])
    yield Text()
    for advice in answer["advice"]:
        yield from _advice(advice)
    if not answer["advice"]:
        yield Text("no scenario that the replay can vouch for is clearly cheaper within a tenth more time, or faster for no more money")
    for line in _talk(answer):
        yield Text(line)


def _advice(advice: dict[str, Any]) -> Iterator[Text]:
    low, high = advice["saving_low_usd"], advice["saving_high_usd"]
    saves = f"saves {usd_range(low, high)} a run" if low > 0 else "saves no money"
    time = change(1 + advice["time_change"], 1)
    yield Text.assemble((f"{advice['goal']}: ", "bold"), (advice["scenario"], "bold green"), f", {saves}, {time} time against the replay")
    for key, value in advice["conf"].items():
        yield Text(f"  --conf {key}={value}", style="green")
    yield Text(f"  risk: {advice['risk']}", style="dim")


def _talk(answer: dict[str, Any]) -> list[str]:
    error = answer["error"]
    as_of = f" of {answer['prices_as_of']}" if answer["prices_as_of"] else ""
    return [
        "",
        f"error of the replay on what really ran: time {_signed(error['wall'])}, core time {_signed(error['core_time'])}",
        f"no number of executors makes it faster than {duration(answer['critical_path_ms'])}: driver and longest tasks",
        f"priced as {answer['target']}, price book {answer['price_book']}{as_of}",
        *(f"note: {note}" for note in answer["notes"]),
    ]


def _signed(share: float) -> str:
    """A share with its sign, in per cent with one decimal."""
    percent = round(share * 100, 1)
    return "±0 %" if percent == 0 else f"{percent:+.1f} %".replace("-", MINUS)
