"""The options that every command takes, before or after the command's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

_WITH_VALUE = ("--data", "--server")
_SWITCHES = ("--json", "--no-color")

EPILOG = "Every command takes --data DIR, --server URL, --json and --no-color, before or after its name."


@dataclass(frozen=True)
class Shared:
    """What the shared options say."""

    data: Path | None = None
    server: str | None = None
    json: bool = False
    no_color: bool = False


def remember(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option(metavar="DIR", help="Data directory; opened directly where no server runs on it")] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", envvar="SPARKLEDGER_SERVER", help="Talk to this server")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print JSON to stdout")] = False,
    no_color: Annotated[bool, typer.Option("--no-color", help="Do not colour; NO_COLOR does the same")] = False,
) -> None:
    """Keep the shared options for the command that follows."""
    context.obj = Shared(data, server, json, no_color)


def in_front(arguments: Sequence[str]) -> list[str]:
    """The command line with the shared options moved before the command's name; what follows `--` is left alone."""
    front: list[str] = []
    rest: list[str] = []
    remaining = list(arguments)
    while remaining:
        argument = remaining.pop(0)
        name, equals, _ = argument.partition("=")
        if argument == "--":
            rest += [argument, *remaining]
            break
        if name in _WITH_VALUE and not equals and remaining:
            front += [argument, remaining.pop(0)]
        elif argument in _SWITCHES or (name in _WITH_VALUE and equals):
            front.append(argument)
        else:
            rest.append(argument)
    return [*front, *rest]
