"""`sparkledger prices`: the price book in force, and `prices refresh`: a new one from the AWS Price List API."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from sparkledger.cli.errors import UNAVAILABLE, USAGE, CliError
from sparkledger.cli.session import Session
from sparkledger.cli.shared import EPILOG
from sparkledger.cli.table import Column

prices = typer.Typer(help="Show the price book, or refresh it from AWS's price lists.", invoke_without_command=True)


@prices.callback(epilog=EPILOG)
def show(context: typer.Context) -> None:
    """Show the figures of the price book in force, each with its source and date."""
    if context.invoked_subcommand is not None:
        return
    session = Session.of(context)
    document = _document(session)
    if session.as_json:
        session.output.json(document)
        return
    rows = [[name, f"{value:g}", as_of, source] for name, value, as_of, source in _figures(document)]
    columns = [
        Column("figure", keep=True),
        Column("value", "right", keep=True),
        Column("as of", drop=1),
        Column("source", drop=2, wrap=True),
    ]
    session.output.table(columns, rows)
    types = document["emr_ec2"]["instances"]
    book = session.settings.price_book_file or "shipped"
    session.output.show(Text(f"\nprice book {document['name']} ({book}), {document['region']}, USD, {len(types):,} node types"))


@prices.command(epilog=EPILOG)
def refresh(
    context: typer.Context,
    region: Annotated[str, typer.Option(help="AWS region, such as `eu-west-1`", metavar="REGION")],
    url: Annotated[str | None, typer.Option(help="Where the price lists are, for a mirror", metavar="URL")] = None,
) -> None:
    """Get a region's current prices from AWS. A few hundred MB; on any failure the price book in force stays."""
    from analyzer.cost.offers import BULK_URL, PriceListError
    from analyzer.cost.refresh import refreshed_book, write_book

    session = Session.of(context)
    path = session.settings.refreshed_price_book
    try:
        refreshed = refreshed_book(_document(session), region, url or BULK_URL)
        write_book(path, refreshed.document)
    except PriceListError as error:
        raise CliError(str(error), hint=error.hint, exit_code=UNAVAILABLE) from error
    except OSError as error:
        hint = "name a file that can be written: `price_book` of the settings"
        raise CliError(f"cannot write `{path}`: {error.strerror}", hint=hint, exit_code=UNAVAILABLE) from error
    told = {"path": str(path), "name": refreshed.document["name"], "node_types": refreshed.instances, "kept": list(refreshed.kept)}
    if session.as_json:
        session.output.json(told)
        return
    session.output.say(f"{told['name']}: {refreshed.instances:,} node types, in {path}")
    if refreshed.kept:
        session.output.say(f"  not in the price lists, kept as they were: {', '.join(refreshed.kept)}")
    session.output.say(
        "  a running server uses it once restarted; applications that were analysed keep their prices until they are analysed again"
    )


def _document(session: Session) -> dict[str, Any]:
    from analyzer.cost.book import DEFAULT_BOOK, PriceBookError, parse_price_book, read_document

    try:
        document = read_document(session.settings.price_book_file or DEFAULT_BOOK)
        parse_price_book(document)
    except PriceBookError as error:
        message, _, hint = str(error).partition("\n\nhint: ")
        raise CliError(message, hint=hint or "remove the file to use the shipped book", exit_code=USAGE) from error
    return document


def _figures(value: Any, path: str = "") -> list[tuple[str, float, str, str]]:
    if not isinstance(value, dict) or path == "emr_ec2.instances":
        return []
    if "value" in value:
        return [(path, value["value"], value["as_of"], value["source"])]
    return [row for name, item in value.items() for row in _figures(item, f"{path}.{name}" if path else name)]
