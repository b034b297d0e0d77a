"""`sparkledger demo`: real Spark jobs with the flag on, and what the ledger says of them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from rich.console import Console

from sparkledger.cli.errors import UNAVAILABLE, USAGE, CliError
from sparkledger.cli.session import Session
from sparkledger.cli.signals import sigterm_interrupts
from sparkledger.settings import default_data_dir


def demo(
    context: typer.Context,
    port: Annotated[int, typer.Option(help="Port of the demonstration's server; 0 takes a free one", min=0, max=65535)] = 0,
    serve: Annotated[
        bool | None, typer.Option(help="Keep the pages up afterwards, until stopped [default: on a terminal]", show_default=False)
    ] = None,
) -> None:
    """Run five real Spark applications and show what is found.

    Uses a data directory of its own.
    """
    session = Session.of(context)
    try:
        from sparkledger.demo import DemoError, run_demo
    except ModuleNotFoundError as error:
        raise CliError(f"the demonstration needs `{error.name}`", hint="pip install 'sparkledger[demo]'", exit_code=UNAVAILABLE) from error
    named = session.shared.data
    if named and named.is_dir() and any(named.iterdir()):
        raise CliError(f"`{named}` is not empty", hint="the demonstration clears its data directory: name a new one", exit_code=USAGE)
    data = named or default_data_dir().with_name("sparkledger-demo")
    console = Console(no_color=session.output.out.no_color, highlight=False)
    try:
        with sigterm_interrupts():
            code = run_demo(data, port=port, serve=sys.stdin.isatty() if serve is None else serve, console=console)
    except DemoError as error:
        raise CliError(str(error), hint=error.hint) from error
    raise typer.Exit(code)
