"""The dates of the price books that answers name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache

from analyzer.cost.book import DEFAULT_BOOK, load_price_book

OLD_DAYS = 90
_DATED = re.compile(r"^\d{4}-\d{2}-\d{2}(?!\d)")
ADJUSTED = ", adjusted"
"""Ends the name of a price book that settings changed."""


@cache
def prices_as_of_by_name() -> Mapping[str, str]:
    """Name of each price book of the package, as it is and adjusted, and the date of its prices."""
    books = [load_price_book(path) for path in sorted(DEFAULT_BOOK.parent.glob("*.json"))]
    return {name: book.as_of for book in books for name in (book.name, book.name + ADJUSTED)}


def prices_as_of(name: str) -> str:
    """The date of a price book's prices: of a shipped book as it says, of a refreshed one as its name says, else empty."""
    dated = _DATED.match(name)
    return prices_as_of_by_name().get(name) or (dated[0] if dated else "")


def age_note(name: str, today: date) -> str | None:
    """A warning where prices are older than a quarter."""
    as_of = prices_as_of(name)
    days = (today - date.fromisoformat(as_of)).days if as_of else 0
    return f"the prices are {days} days old: `sparkledger prices refresh` gets current ones" if days > OLD_DAYS else None
