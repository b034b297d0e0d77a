"""Core time as one bar whose parts sum to the whole. Each kind of part has a glyph of its own, so that colour is not needed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

_WIDEST = 100


class Slice(NamedTuple):
    """A part of the bar; `share` of the allocated core time, 0 to 1."""

    name: str
    share: float
    glyph: str
    style: str


def cells(parts: Sequence[Slice], width: int) -> list[int]:
    """Cells of each part in a bar of `width`: in proportion, by largest remainder, so that they sum to the width."""
    exact = [part.share * width for part in parts]
    whole = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: whole[place] - exact[place])
    for place in by_remainder[: width - sum(whole)]:
        whole[place] += 1
    return whole


class CoreTimeBar:
    """A bar as wide as the terminal, at most 100 columns."""

    def __init__(self, parts: Sequence[Slice]) -> None:
        self._parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        width = min(_WIDEST, options.max_width)
        yield Text.assemble(*((part.glyph * n, part.style) for part, n in zip(self._parts, cells(self._parts, width), strict=True)))
