"""Opaque page cursors: the sort key of the last row, so that rows which arrive meanwhile move nothing."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from analyzer.api.errors import invalid


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
    if not isinstance(key, list) or len(key) != len(kinds) or any(type(v) is not kind for v, kind in zip(key, kinds, strict=True)):
        raise invalid("bad_cursor", f"not a cursor of this list: `{cursor}`", "pass `next_cursor` of the page before, or leave it out")
    return tuple(key)
