"""How much memory an Arrow stream takes once it is decompressed, read off its headers before any of it is.

A few kilobytes of compressed buffers may claim gigabytes. Source: `Message.fbs` and `Schema.fbs` of the Arrow columnar format, and the
FlatBuffers binary format, read 2026-11. pyarrow has verified the structure of a header by the time it hands the message out.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import Struct
from typing import Any

import pyarrow as pa

_INT32, _UINT32, _UINT16, _INT64 = Struct("<i"), Struct("<I"), Struct("<H"), Struct("<q")
_BUFFER = Struct("<qq")  # where in the body, how long
_HEADER = 2  # of a Message
_DATA = 1  # of a DictionaryBatch
_BUFFERS, _COMPRESSION = 2, 3  # of a RecordBatch


def plain_bytes(stream: pa.BufferReader) -> int:
    """Bytes of the buffers of the stream that begins where `stream` stands, decompressed; `stream` then stands at its end.

    Raises:
        pa.ArrowException, OSError: this is no Arrow stream.
        ValueError: a buffer lies outside its message, or claims a size that cannot be.
    """
    return sum(_message_bytes(message) for message in pa.ipc.MessageReader.open_stream(stream))


def _message_bytes(message: Any) -> int:
    header, body = message.metadata.to_pybytes(), message.body
    if body is None or not body.size:
        return 0
    batch = _target(header, _field(header, _target(header, 0), _HEADER))
    if message.type == "dictionary":
        batch = _target(header, _field(header, batch, _DATA))
    if not _field(header, batch, _COMPRESSION):
        return int(body.size)
    return sum(_buffer_bytes(body, at, size) for at, size in _buffers(header, batch))


def _buffers(header: bytes, batch: int) -> Iterator[tuple[int, int]]:
    vector = _target(header, _field(header, batch, _BUFFERS))
    for number in range(_UINT32.unpack_from(header, vector)[0]):
        yield _BUFFER.unpack_from(header, vector + _UINT32.size + number * _BUFFER.size)


def _buffer_bytes(body: Any, at: int, size_bytes: int) -> int:
    """A compressed buffer begins with the size of what it holds, or with -1 where it holds that as it is."""
    if not size_bytes:
        return 0
    if at < 0 or size_bytes < _INT64.size or at + size_bytes > body.size:
        raise ValueError("a compressed buffer lies outside its message")
    held: int = _INT64.unpack(body.slice(at, _INT64.size).to_pybytes())[0]
    if held < -1:
        raise ValueError(f"a compressed buffer claims to hold {held} bytes")
    return size_bytes if held < 0 else held


def _target(header: bytes, at: int) -> int:
    """Where the reference at a position leads."""
    return at + int(_UINT32.unpack_from(header, at)[0])


def _field(header: bytes, table: int, number: int) -> int:
    """Where a table keeps a field; 0 where it has none."""
    fields = table - int(_INT32.unpack_from(header, table)[0])
    entry = 2 * _UINT16.size + number * _UINT16.size
    if entry >= _UINT16.unpack_from(header, fields)[0]:
        return 0
    offset = int(_UINT16.unpack_from(header, fields + entry)[0])
    return table + offset if offset else 0
