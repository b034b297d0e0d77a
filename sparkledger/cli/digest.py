"""`sparkledger digest`: a team's week as text, Markdown or an HTML mail."""

from __future__ import annotations

from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import typer

from sparkledger.cli.session import Session


class Format(str, Enum):
    """What a digest is rendered as."""

    text = "text"
    markdown = "markdown"
    html = "html"


def digest(
    context: typer.Context,
    team: Annotated[str, typer.Option(help="Whose week")],
    week: Annotated[str | None, typer.Option(help="ISO week such as 2026-W47 [default: last week]", metavar="YYYY-Www")] = None,
    format: Annotated[Format, typer.Option(help="What it is rendered as; --json gives the numbers")] = Format.text,
    out: Annotated[Path | None, typer.Option(help="Write to this file instead of stdout", metavar="FILE")] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Build it anew, such as after an import of older logs")] = False,
) -> None:
    """Read a team's digest of one week.

    A week that is over is built once and then reads the same for ever.
    """
    from analyzer.digest.week import IsoWeek

    session = Session.of(context)
    wanted = week or str(IsoWeek.of(datetime.now(timezone.utc)).before(1))
    path = f"/digests/{quote(team, safe='')}/{quote(wanted, safe='')}"
    kind = "json" if session.as_json else format.value
    with session.connect() as api:
        content = api.text(path, format=kind, rebuild="true" if rebuild else None)
    if out is None:
        session.output.text(content)
    else:
        out.write_text(content, encoding="utf-8")
        session.output.say(f"wrote {out}")
