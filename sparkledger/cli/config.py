"""`sparkledger config`: the settings in force and where each comes from."""

from __future__ import annotations

from typing import Any

import typer

from analyzer.figures import NOTHING
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column


def config(context: typer.Context) -> None:
    """Show the settings in force and where each comes from; secrets are masked."""
    from sparkledger.effective_settings import effective_settings

    session = Session.of(context)
    shown = effective_settings(session.settings, data_dir=session.shared.data)
    if session.as_json:
        session.output.json([{"name": s.name, "value": s.value, "origin": s.origin} for s in shown])
        return
    columns = [Column("setting", keep=True), Column("value", wrap=True), Column("origin")]
    session.output.table(columns, [(s.name, _readable(s.value), s.origin) for s in shown])


def _readable(value: Any) -> str:
    return NOTHING if value in (None, {}, []) else str(value)
