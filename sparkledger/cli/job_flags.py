"""`sparkledger conf` and `sparkledger submit` after shared options; their work is in `conf_and_submit`."""

from __future__ import annotations

import typer

from sparkledger.cli import conf_and_submit
from sparkledger.cli.shared import Shared


def conf(context: typer.Context) -> None:
    """Print the flags that switch the listener on."""
    raise typer.Exit(conf_and_submit.run(["conf", *_shared(context), *(["--json"] if _given(context).json else []), *context.args]))


def submit(context: typer.Context) -> None:
    """Run a spark-submit command line with the listener switched on: `submit -- spark-submit …`."""
    raise typer.Exit(conf_and_submit.run(["submit", *_shared(context), *context.args]))


def _shared(context: typer.Context) -> list[str]:
    data, server = _given(context).data, _given(context).server
    return [*(["--data", str(data)] if data else []), *(["--url", server] if server else [])]


def _given(context: typer.Context) -> Shared:
    return context.ensure_object(Shared)
