"""LZF as compress-lzf writes it: chunks of at most 64 KiB, each with a header. No maintained wheel reads it.

Source: `LZFChunk` and `VanillaChunkDecoder` of ning/compress-lzf, read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator

from collector.eventlog.streams import Damaged, Prefixed

_STORED, _COMPRESSED = 0, 1
_LITERALS = 32  # control bytes below it announce literal bytes
_LONG = 7


def lzf_chunks(file: Prefixed) -> Iterator[bytes]:
    """The content of the chunks, one after another."""
    while header := file.next(5):
        if header[:2] != b"ZV" or header[2] not in (_STORED, _COMPRESSED):
            raise Damaged("a chunk does not begin with `ZV` and a type of 0 or 1")
        size = int.from_bytes(header[3:5], "big")
        if header[2] == _STORED:
            yield file.exactly(size)
        else:
            plain_bytes = int.from_bytes(file.exactly(2), "big")
            yield _decoded(file.exactly(size), plain_bytes)


def _decoded(data: bytes, plain_bytes: int) -> bytes:
    out = bytearray()
    at, end = 0, len(data)
    try:
        while at < end:
            control = data[at]
            if control < _LITERALS:
                stop = at + control + 2
                out += data[at + 1 : stop]
                at = stop
                continue
            length = (control >> 5) + 2
            if length == _LONG + 2:
                at += 1
                length += data[at]
            start = len(out) - ((control & 31) << 8 | data[at + 1]) - 1
            at += 2
            if start < 0:
                raise Damaged("a chunk refers to bytes before its beginning")
            found = out[start : start + length]
            if len(found) < length:  # the copy overlaps what it writes: a repetition
                found = (found * (length // len(found) + 1))[:length]
            out += found
    except IndexError:
        raise Damaged("a chunk ends in the middle of a reference") from None
    if len(out) != plain_bytes:
        raise Damaged(f"a chunk holds {len(out)} bytes instead of {plain_bytes}")
    return bytes(out)
