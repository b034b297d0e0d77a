"""`sparkledger report APP`: what one run cost, where its core time went, and what to change."""

from __future__ import annotations

import typer

from sparkledger.cli.facts import App, Attempt
from sparkledger.cli.session import Session


def report(context: typer.Context, app: App, attempt: Attempt = None) -> None:
    """Show what a run cost, where its core time went, and what to change."""
    session = Session.of(context)
    with session.connect() as api:
        application = api.application(app, attempt=attempt)
        found = api.application(app, "/findings", attempt=application["attempt_id"])["findings"]
        division = api.application(app, "/waterfall", attempt=application["attempt_id"])
        pages = {code: api.get(f"/rules/{code}")["markdown"] for code in sorted({finding["rule_code"] for finding in found})}
    if session.as_json:
        session.output.json({"application": application, "findings": found, "waterfall": division})
        return
    from sparkledger.cli.report_view import render

    session.output.show(*render(application, found, division, {code: _when_to_ignore(page) for code, page in pages.items()}))


def _when_to_ignore(page: str) -> str:
    """The first paragraph of a rule's section on when to ignore it; empty where the page has none."""
    _, _, rest = page.partition("## When to ignore")
    section = rest.partition("\n## ")[0]
    return " ".join(section.strip().partition("\n\n")[0].split())
