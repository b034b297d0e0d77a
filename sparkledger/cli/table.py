"""Tables that fit: a terminal that is too narrow loses whole columns, the least important first, before text is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich import box
from rich.table import Table
from rich.text import Text

_GAP = 2
_NARROWEST_NAME, _NARROWEST_SENTENCE = 14, 40
Row = Sequence[str | Text]


@dataclass(frozen=True, slots=True)
class Column:
    """A column. Of those with a `drop` above 0 the greatest goes first where the terminal is narrow."""

    title: str
    justify: Literal["left", "right"] = "left"
    drop: int = 0
    keep: bool = False
    """Never cut: ids that people copy, and numbers."""
    wrap: bool = False
    """Long text takes more lines instead of being cut."""


def fitted(columns: Sequence[Column], rows: Sequence[Row], width: int) -> Table:
    """A table for a terminal of `width` columns."""
    natural = [max([len(c.title), *(len(str(row[place])) for row in rows)]) for place, c in enumerate(columns)]
    shown = _shown(columns, natural, width)
    widths = _widths(columns, natural, shown, width)
    table = Table(box=box.SIMPLE_HEAD, header_style="dim", pad_edge=False, show_edge=False, padding=(0, _GAP - 1, 0, 0))
    for place in shown:
        column = columns[place]
        title = _aligned(column.title, column, widths[place])
        table.add_column(title, no_wrap=not column.wrap, overflow="fold" if column.wrap else "ellipsis", width=widths[place])
    for row in rows:
        table.add_row(*(_aligned(row[place], columns[place], widths[place]) for place in shown))
    return table


def plain(columns: Sequence[Column], rows: Sequence[Row]) -> Table:
    """All columns, nothing cut, no frame."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for column in columns:
        table.add_column(column.title, justify=column.justify, no_wrap=True)
    for row in rows:
        table.add_row(*row)
    return table


def _shown(columns: Sequence[Column], natural: Sequence[int], width: int) -> list[int]:
    shown = list(range(len(columns)))
    while True:
        needed = sum(_least(columns[p], natural[p]) for p in shown) + _GAP * (len(shown) - 1)
        droppable = [p for p in shown if columns[p].drop]
        if needed <= width or not droppable:
            return shown
        shown.remove(max(droppable, key=lambda p: columns[p].drop))


def _least(column: Column, natural: int) -> int:
    return natural if column.keep else min(natural, _NARROWEST_SENTENCE if column.wrap else _NARROWEST_NAME)


def _widths(columns: Sequence[Column], natural: Sequence[int], shown: Sequence[int], width: int) -> dict[int, int]:
    """Kept columns as wide as their text; the others share what is left, the narrow ones first."""
    widths = {p: natural[p] for p in shown if columns[p].keep}
    left = width - sum(widths.values()) - _GAP * (len(shown) - 1)
    flexible = sorted((p for p in shown if p not in widths), key=lambda p: natural[p])
    for done, place in enumerate(flexible):
        widths[place] = max(1, min(natural[place], left // (len(flexible) - done)))
        left -= widths[place]
    return widths


def _aligned(cell: str | Text, column: Column, width: int) -> Text:
    text = cell.copy() if isinstance(cell, Text) else Text(cell)
    if column.justify == "right" and len(text) < width:
        text.pad_left(width - len(text))
    return text
