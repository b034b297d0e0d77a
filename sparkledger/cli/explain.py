"""`sparkledger explain RULE`: the page of a rule. Rules come with the package, so that no store is opened."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from sparkledger.cli.errors import USAGE, CliError
from sparkledger.cli.session import Session
from sparkledger.cli.table import Column

_WIDEST = 100


def explain(
    context: typer.Context,
    rule: Annotated[str | None, typer.Argument(help="Code of a rule, such as `SKW001`; lists all rules without one")] = None,
) -> None:
    """Say what a rule measures, why that costs, what to change and when to ignore it."""
    from fastapi import HTTPException

    from analyzer.api.rules.endpoints import get_rule, list_rules

    session = Session.of(context)
    output = session.output
    if rule is None:
        rules = list_rules().rules
        if session.as_json:
            output.json([each.model_dump() for each in rules])
            return
        output.table(
            [Column("rule", keep=True), Column("category"), Column("what it finds", wrap=True)],
            [(r.code, r.category, r.title) for r in rules],
        )
        return
    try:
        page = get_rule(rule)
    except HTTPException:
        raise CliError(f"no rule `{rule}`", hint="list them: sparkledger explain", exit_code=USAGE) from None
    if session.as_json:
        output.json(page.model_dump())
    elif sys.stdout.isatty():
        from rich.markdown import Markdown

        output.out.print(Markdown(page.markdown), width=min(_WIDEST, output.out.width))
    else:
        output.text(page.markdown)
