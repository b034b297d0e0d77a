"""What commands print: tables that fit the terminal and are plain when piped, JSON, and talk on stderr."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from rich.console import Console, ConsoleOptions, ConsoleRenderable, RenderableType, RenderHook, RenderResult
from rich.segment import Segment
from rich.text import Text

from analyzer.figures import NOTHING, count
from sparkledger.cli.table import Column, fitted, plain

_PIPED_WIDTH = 100
_PIPED_TABLE_WIDTH = 1000
SEVERITY_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}


class Output:
    """stdout for data, stderr for talk."""

    def __init__(self, no_color: bool = False) -> None:
        plain = True if no_color else None
        # What is printed was named by others: brackets and colons in it are no markup.
        self.out = Console(no_color=plain, highlight=False, markup=False, emoji=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
        self.err = Console(no_color=plain, highlight=False, markup=False, emoji=False, stderr=True)
        for console in (self.out, self.err):
            console.push_render_hook(_NoControls())

    def json(self, value: Any) -> None:
        """One JSON document; indented on a terminal, one line when piped."""
        indent = 2 if sys.stdout.isatty() else None
        sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False, default=str) + "\n")

    def text(self, value: str) -> None:
        """Text as it is, without markup or wrapping."""
        sys.stdout.write(value if value.endswith("\n") else value + "\n")

    def say(self, message: str) -> None:
        """Talk, to stderr."""
        self.err.print(message, soft_wrap=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str | Text]]) -> None:
        """A table: as many columns as fit the terminal, all of them when piped."""
        lines = [[_one_line(cell) for cell in row] for row in rows]
        if sys.stdout.isatty():
            self.out.print(fitted(columns, lines, self.out.width))
        else:
            self.show(plain(columns, lines), piped_width=_PIPED_TABLE_WIDTH)

    def show(self, *pieces: RenderableType, piped_width: int = _PIPED_WIDTH) -> None:
        """Rich output on a terminal; when piped the same as plain text, without trailing blanks."""
        if sys.stdout.isatty():
            self.out.print(*pieces, sep="\n")
            return
        plain = Console(no_color=True, highlight=False, markup=False, emoji=False, width=piped_width, force_terminal=False)
        plain.push_render_hook(_NoControls())
        with plain.capture() as captured:
            plain.print(*pieces, sep="\n")
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


class _NoControls(RenderHook):
    """Leaves out the control characters of what is printed, which a terminal would obey; names of runs may hold any."""

    def process_renderables(self, renderables: list[ConsoleRenderable]) -> list[ConsoleRenderable]:
        return [_Shown(renderable) for renderable in renderables]


class _Shown:
    def __init__(self, renderable: ConsoleRenderable) -> None:
        self._renderable = renderable

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for segment in console.render(self._renderable, options):
            obeyed = segment.control is None and any(unicodedata.category(c) == "Cc" and c != "\n" for c in segment.text)
            yield Segment(_obeyed_by_none(segment.text), segment.style) if obeyed else segment


def _obeyed_by_none(text: str) -> str:
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def _one_line(cell: str | Text) -> str | Text:
    """A cell without the line breaks and control characters that a name may hold, which would tear the table."""
    if isinstance(cell, Text):
        return cell
    return "".join(c if c.isprintable() else " " if c.isspace() else "" for c in cell)


def severity_text(severity: str) -> Text:
    """A severity in its colour; the word says it without colour, too."""
    return Text(severity or NOTHING, style=SEVERITY_STYLE.get(severity, "dim"))


def still_to_analyse(applications: int) -> str:
    """What a list says that does not hold everything yet."""
    return f"{count(applications, 'application')} still to be analysed: run this again"


def when(timestamp: str) -> str:
    """An ISO time of the API as `2026-11-21 14:02`, in UTC."""
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M")
