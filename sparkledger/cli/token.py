"""`sparkledger token`: who may send and read. Against the server that runs, or the store where none does."""

from __future__ import annotations

from enum import Enum
from typing import Annotated
from urllib.parse import quote

import typer
from rich.text import Text

from analyzer.figures import NOTHING
from sparkledger.cli.output import when
from sparkledger.cli.session import Session
from sparkledger.cli.shared import EPILOG
from sparkledger.cli.table import Column

token = typer.Typer(help="Create, list and revoke tokens.", no_args_is_help=True)


class Scope(str, Enum):
    """What a token allows."""

    ingest = "ingest"
    read = "read"
    admin = "admin"


@token.command("create", epilog=EPILOG)
def create(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="Who or what uses it")],
    scope: Annotated[list[Scope], typer.Option(help="What it allows, again for more; admin includes the others")],
    team: Annotated[str, typer.Option(help="The only team whose runs it reads; all where absent")] = "",
) -> None:
    """Create a token and print it, this once.

    The first one that is created ends access without a token.
    """
    session = Session.of(context)
    body = {"name": name, "scopes": list(dict.fromkeys(s.value for s in scope)), "team": team}
    with session.connect() as api:
        made = api.send("POST", "/api/v1/tokens", json=body).json()
    if session.as_json:
        session.output.json(made)
        return
    session.output.text(made["secret"])
    session.output.say(f"created token {made['token_id']} ({', '.join(made['scopes'])}); it is shown this once and kept only as a hash")


@token.command("list", epilog=EPILOG)
def list_tokens(context: typer.Context) -> None:
    """List tokens, without their secrets."""
    session = Session.of(context)
    with session.connect() as api:
        tokens = api.get("/tokens")["tokens"]
    if session.as_json:
        session.output.json(tokens)
        return
    columns = [
        Column("id", keep=True),
        Column("name", wrap=True),
        Column("scopes"),
        Column("team"),
        Column("created (UTC)"),
        Column("state"),
    ]
    session.output.table(columns, [_row(t) for t in tokens])


@token.command("revoke", epilog=EPILOG)
def revoke(context: typer.Context, token_id: Annotated[str, typer.Argument(help="Its id, from `token list`")]) -> None:
    """Revoke a token for good."""
    session = Session.of(context)
    with session.connect() as api:
        gone = api.send("DELETE", f"/api/v1/tokens/{quote(token_id, safe='')}").json()
    if session.as_json:
        session.output.json(gone)
    else:
        session.output.say(f"revoked token {gone['token_id']} ({gone['name']}); other collectors of this store follow within seconds")


def _row(found: dict[str, object]) -> list[str | Text]:
    scopes = found["scopes"]
    assert isinstance(scopes, list)
    state = Text("revoked", style="red") if found["revoked"] else Text("valid", style="green")
    return [
        str(found["token_id"]),
        str(found["name"]),
        ", ".join(scopes),
        str(found["team"] or NOTHING),
        when(str(found["created_at"])),
        state,
    ]
