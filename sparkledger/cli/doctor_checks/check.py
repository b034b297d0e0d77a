"""One thing that the doctor looked at."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sparkledger.cli.errors import CliError


class Check(NamedTuple):
    """One thing that was looked at. `needed` is false where its lack does not keep the ledger from working."""

    name: str
    good: bool
    finding: str
    hint: str = ""
    needed: bool = True


def attempt(name: str, look: Callable[[], str]) -> Check:
    """What `look` found, or the error that it raised."""
    try:
        return Check(name, True, look())
    except CliError as error:
        return Check(name, False, error.message, error.hint)
