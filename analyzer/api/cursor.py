"""Opaque page cursors: the sort key of the last row, so that rows which arrive meanwhile move nothing."""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import Any

from analyzer.api.errors import invalid

_LARGEST_WHOLE, _LARGEST = 1 << 53, 1e300


def encode(*key: str | int | float) -> str:
    """A cursor that continues after the row with this sort key."""
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def decode(cursor: str, *kinds: type) -> tuple[Any, ...] | None:
    """The sort key that `encode` was given; None for the empty cursor. Raises a 422 for anything else."""
    if not cursor:
        return None
    try:
        key = json.loads(base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True))
    except (binascii.Error, ValueError):
        key = None
    if not isinstance(key, list) or len(key) != len(kinds) or not all(map(_fits, key, kinds)):
        raise invalid("bad_cursor", f"not a cursor of this list: `{cursor}`", "pass `next_cursor` of the page before, or leave it out")
    return tuple(key)


def _fits(value: Any, kind: type[Any]) -> bool:
    """Whether a value of a cursor is of its kind, and one that the store takes: JSON also writes numbers and texts that it does not."""
    if type(value) is not kind:
        return False
    if isinstance(value, str):
        return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)
    number: float = value
    return math.isfinite(number) and abs(number) <= (_LARGEST_WHOLE if kind is int else _LARGEST)
