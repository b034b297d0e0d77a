"""A second reading of events that strict decoding refuses, for what other writers than Spark put in them.

Tools that rewrite logs may write null where Spark leaves a field out, and half of a surrogate pair where Spark cut a text.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

MAX_BYTES = 8 * 1024 * 1024
"""A longer line is read once only: as Python objects it would take many times its size."""


def read(decode: Callable[[bytes], Any], line: bytes) -> Any:
    """What `decode` gives for the line, else for the line without nulls and halves of surrogate pairs.

    Raises:
        msgspec.MsgspecError: both are refused; the error is that of the line as it came.
    """
    try:
        return decode(line)
    except msgspec.MsgspecError as refused:
        mended = _mended(line)
        if mended is None:
            raise
        try:
            return decode(mended)
        except msgspec.MsgspecError:
            raise refused from None


def _mended(line: bytes) -> bytes | None:
    """The line rewritten; None where it is no JSON or too long."""
    if len(line) > MAX_BYTES:
        return None
    try:
        return json.dumps(_without_nulls(json.loads(line)), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_nulls(item) for item in value if item is not None]
    return value
