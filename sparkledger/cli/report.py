"""`sparkledger report APP`: what one run cost, where its core time went, and what to change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import typer

from sparkledger.cli.errors import USAGE, CliError
from sparkledger.cli.facts import App, Attempt
from sparkledger.cli.session import Session

if TYPE_CHECKING:
    from sparkledger.connection import Connection


def report(context: typer.Context, app: App, attempt: Attempt = None) -> None:
    """Show what a run cost, where its core time went, and what to change."""
    session = Session.of(context)
    with session.connect() as api:
        application = api.application(app, attempt=attempt)
        found = api.application(app, "/findings", attempt=application["attempt_id"])["findings"]
        division = api.application(app, "/waterfall", attempt=application["attempt_id"])
        pages = {code: api.get(f"/rules/{code}")["markdown"] for code in sorted({finding["rule_code"] for finding in found})}
        cost = _where_it_applies(api, app, "/cost", application["attempt_id"])
        s3 = api.application(app, "/s3", attempt=application["attempt_id"])
        spot = _where_it_applies(api, app, "/spot", application["attempt_id"])
    if session.as_json:
        session.output.json({"application": application, "findings": found, "waterfall": division, "s3": s3, "cost": cost, "spot": spot})
        return
    from sparkledger.cli.report_view import render

    ignore = {code: _when_to_ignore(page) for code, page in pages.items()}
    session.output.show(*render(application, found, division, ignore, cost, spot, s3))


def _where_it_applies(api: Connection, app: str, below: str, attempt: str) -> Any:
    """An answer that some runs have none of, such as those in local mode; None for them."""
    try:
        return api.application(app, below, attempt=attempt)
    except CliError as error:
        if error.exit_code != USAGE:
            raise
        return None


def _when_to_ignore(page: str) -> str:
    """The first paragraph of a rule's section on when to ignore it; empty where the page has none."""
    _, _, rest = page.partition("## When to ignore")
    section = rest.partition("\n## ")[0]
    return " ".join(section.strip().partition("\n\n")[0].split())
