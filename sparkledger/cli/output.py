"""What commands print: tables that fit the terminal and are plain when piped, JSON, and talk on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import datetime, timezone
from typing import Any

from rich.console import Console, RenderableType
from rich.text import Text

from analyzer.digest.figures import NOTHING, core_time, share, usd
from sparkledger.cli.table import Column, fitted, plain

_PIPED_WIDTH = 100
_PIPED_TABLE_WIDTH = 1000
_COUNTED = ("task", "host", "executor", "stage", "file", "core", "job")
SEVERITY_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}


class Output:
    """stdout for data, stderr for talk."""

    def __init__(self, no_color: bool = False) -> None:
        plain = True if no_color else None
        self.out = Console(no_color=plain, highlight=False, width=None if sys.stdout.isatty() else _PIPED_WIDTH)
        self.err = Console(no_color=plain, highlight=False, stderr=True)

    def json(self, value: Any) -> None:
        """One JSON document; indented on a terminal, one line when piped."""
        indent = 2 if sys.stdout.isatty() else None
        sys.stdout.write(json.dumps(value, indent=indent, ensure_ascii=False, default=str) + "\n")

    def text(self, value: str) -> None:
        """Text as it is, without markup or wrapping."""
        sys.stdout.write(value if value.endswith("\n") else value + "\n")

    def say(self, message: str) -> None:
        """Talk, to stderr."""
        self.err.print(message, markup=False, soft_wrap=True)

    def table(self, columns: Sequence[Column], rows: Iterable[Sequence[str | Text]]) -> None:
        """A table: as many columns as fit the terminal, all of them when piped."""
        if sys.stdout.isatty():
            self.out.print(fitted(columns, list(rows), self.out.width))
        else:
            self.show(plain(columns, list(rows)), piped_width=_PIPED_TABLE_WIDTH)

    def show(self, *pieces: RenderableType, piped_width: int = _PIPED_WIDTH) -> None:
        """Rich output on a terminal; when piped the same as plain text, without trailing blanks."""
        if sys.stdout.isatty():
            self.out.print(*pieces, sep="\n")
            return
        plain = Console(no_color=True, highlight=False, width=piped_width, force_terminal=False)
        with plain.capture() as captured:
            plain.print(*pieces, sep="\n")
        sys.stdout.writelines(f"{line.rstrip()}\n" for line in captured.get().splitlines())


def severity_text(severity: str) -> Text:
    """A severity in its colour; the word says it without colour, too."""
    return Text(severity or NOTHING, style=SEVERITY_STYLE.get(severity, "dim"))


def duration(ms: float) -> str:
    """`812 ms`, `4.2 s`, `12 min 03 s`, `3 h 05 min`."""
    seconds = ms / 1000
    if seconds < 1:
        return f"{ms:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(size_bytes: float) -> str:
    """Bytes in binary units: `512 B`, `3.4 GiB`."""
    value, units = float(size_bytes), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while abs(value) >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} B" if units[0] == "B" else f"{value:.{1 if value < 100 else 0}f} {units[0]}"


def when(timestamp: str) -> str:
    """An ISO time of the API as `2026-11-21 14:02`, in UTC."""
    return datetime.fromisoformat(timestamp.replace("Z", "+00:00")).astimezone(timezone.utc).strftime("%Y-%m-%d %H:%M")


def quantity(name: str, value: float | str, unit: str) -> str:
    """A piece of evidence with its unit in words; shares in per cent."""
    if isinstance(value, str):
        return value
    readable = {"ms": duration, "s": lambda seconds: duration(seconds * 1000), "By": size, "core.s": core_time, "USD": usd}
    if unit in readable:
        return readable[unit](value)
    if unit == "1" and name.endswith("share"):
        return share(value)
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    word = unit.strip("{}")
    if word in ("", "1"):
        return number
    return f"{number} {word}{'s' if word in _COUNTED and value != 1 else ''}"
