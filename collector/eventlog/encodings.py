"""Logs that a text tool saved again: with a byte order mark, or in UTF-16, as PowerShell redirects what it prints."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

_MARK = codecs.BOM_UTF8
# With a mark, or by the brace that every line begins with.
_UTF_16 = {codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16", b"{\x00": "utf-16-le", b"\x00{": "utf-16-be"}
_LOOK_BYTES = len(_MARK)


def is_saved_again(head: bytes) -> bool:
    """Whether a log that begins so is anything but plain UTF-8."""
    return head.startswith(_MARK) or head[:2] in _UTF_16


def as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """The same text in UTF-8 without a mark. What is no text in its encoding becomes `?` or U+FFFD."""
    rest = iter(pieces)
    first = b""
    for piece in rest:
        first += piece
        if len(first) >= _LOOK_BYTES:
            break
    encoding = _UTF_16.get(first[:2])
    if encoding is None:
        if start := first.removeprefix(_MARK):
            yield start
        yield from rest
        return
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    yield decoder.decode(first).encode("utf-8", "replace")
    for piece in rest:
        yield decoder.decode(piece).encode("utf-8", "replace")
    yield decoder.decode(b"", final=True).encode("utf-8", "replace")
