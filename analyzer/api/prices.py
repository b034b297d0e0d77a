"""The dates of the price books that answers name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from analyzer.cost.book import DEFAULT_BOOK, load_price_book

ADJUSTED = ", adjusted"
"""Ends the name of a price book that settings changed."""


@cache
def prices_as_of_by_name() -> Mapping[str, str]:
    """Name of each price book of the package, as it is and adjusted, and the date of its prices."""
    books = [load_price_book(path) for path in sorted(DEFAULT_BOOK.parent.glob("*.json"))]
    return {name: book.as_of for book in books for name in (book.name, book.name + ADJUSTED)}


def prices_as_of(name: str) -> str:
    """The date of a price book's prices; empty for a book that is not part of the package, whose name tells."""
    return prices_as_of_by_name().get(name, "")
