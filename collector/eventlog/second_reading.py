"""A second reading of events that strict decoding refuses, for what other writers than Spark put in them.

Tools that rewrite logs may write null where Spark leaves a field out, half of a surrogate pair where Spark cut a text, whole numbers
as `1.0` or `1.6e12`, and control characters as they are; the first releases of Spark wrote letters in the machine's own encoding.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import msgspec

MAX_BYTES = 8 * 1024 * 1024
"""A longer line is read once only: as Python objects it would take many times its size."""
_EXACT = 2.0**53
"""From here on a float stands for several whole numbers."""


def read(decode: Callable[[bytes], Any], line: bytes) -> Any:
    """What `decode` gives for the line, else for the line without nulls and halves of surrogate pairs, with numbers as Spark writes them.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError: both are refused; the error is that of the line as it came.
    """
    try:
        return decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError) as refused:
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
        value = json.loads(line.decode("utf-8", "replace"), strict=False)
        return json.dumps(_plain(value), ensure_ascii=False).encode("utf-8", "replace")
    except (ValueError, RecursionError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value if item is not None]
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return int(value)
    return value
