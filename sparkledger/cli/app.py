"""All commands, put together. Command modules import what is heavy only when they run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import typer

from sparkledger.cli.apps import apps
from sparkledger.cli.config import config
from sparkledger.cli.demo import demo
from sparkledger.cli.digest import digest
from sparkledger.cli.doctor import doctor
from sparkledger.cli.errors import CliError
from sparkledger.cli.explain import explain
from sparkledger.cli.facts import facts
from sparkledger.cli.findings import findings
from sparkledger.cli.import_logs import import_logs
from sparkledger.cli.job_flags import conf, submit
from sparkledger.cli.migrate import migrate
from sparkledger.cli.price import price
from sparkledger.cli.prices import prices
from sparkledger.cli.report import report
from sparkledger.cli.shared import EPILOG, in_front, remember
from sparkledger.cli.token import token
from sparkledger.cli.up import up
from sparkledger.cli.whatif import whatif

app = typer.Typer(
    name="sparkledger",
    help="What every Spark run cost, where its core-hours went, and what to change.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

_PANELS: dict[str, tuple[Callable[..., None], ...]] = {
    "Start": (up, demo),
    "Send runs": (conf, submit, import_logs),
    "Read the ledger": (apps, report, whatif, price, findings, facts, explain, digest),
    "Maintain": (doctor, migrate, config),
}
_UNPARSED = {"ignore_unknown_options": True, "allow_extra_args": True, "allow_interspersed_args": False}


def _add(command: Callable[..., None], panel: str) -> None:
    name = "import" if command is import_logs else command.__name__
    if command in (conf, submit):
        app.command(name, rich_help_panel=panel, add_help_option=False, context_settings=_UNPARSED)(command)
    else:
        app.command(name, rich_help_panel=panel, epilog=EPILOG)(command)


for _panel, _commands in _PANELS.items():
    for _command in _commands:
        _add(_command, _panel)
app.add_typer(token, name="token", rich_help_panel="Maintain")
app.add_typer(prices, name="prices", rich_help_panel="Maintain")
app.callback(epilog="Exit codes: 0 done · 1 the answer is no · 2 used wrongly, or nothing by that name · 3 unavailable")(remember)


def run(arguments: Sequence[str]) -> int:
    """Run one command line; returns its exit code. Raises CliError."""
    try:
        result = app(in_front(arguments), prog_name="sparkledger", standalone_mode=True)
    except SystemExit as end:
        return _code(end)
    return int(result or 0)


def _code(end: SystemExit) -> int:
    if isinstance(end.code, int):
        return end.code
    if end.code is None:
        return 0
    raise CliError(str(end.code))
