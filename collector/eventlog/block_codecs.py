"""Framings of JVM libraries around raw blocks of lz4 and snappy, which readers of the standard frames refuse.

Sources: `LZ4BlockOutputStream` and `LZ4BlockInputStream` of lz4-java, `SnappyOutputStream` and `SnappyInputStream` of
snappy-java, and the snappy framing format of google/snappy, read 2026-11.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import lz4.block
import pyarrow as pa
import xxhash

from collector.eventlog.streams import Damaged, Prefixed, Unfinished

MAX_BLOCK_BYTES = 64 * 1024 * 1024
"""A larger block is refused: lz4-java's end at 32 MiB, snappy-java's are 32 KiB unless somebody configures another size."""

_LZ4_HEADER = struct.Struct("<8sBiiI")
_LZ4_MAGIC = b"LZ4Block"
_RAW, _COMPRESSED = 0x10, 0x20
_SEED = 0x9747B28C
_CHECKSUM_MASK = 0x0FFFFFFF  # StreamingXXHash32.asChecksum leaves the upper four bits out.
_SMALLEST_BLOCK_BITS = 10

_SNAPPY_HEAD = int.from_bytes(b"\x82SNA", "big")
_SNAPPY_REST_OF_HEADER = 12
_SNAPPY_COMPRESSED, _SNAPPY_PLAIN, _SNAPPY_FIRST_SKIPPABLE = 0x00, 0x01, 0x80
_FRAMED_CHECKSUM_BYTES = 4

_snappy = pa.Codec("snappy")


def lz4_blocks(file: Prefixed) -> Iterator[bytes]:
    """Blocks of lz4-java: compressed, raw, and empty ones that end a stream, after which another may follow."""
    ended = True
    while header := file.next(_LZ4_HEADER.size):
        magic, token, compressed_bytes, plain_bytes, checksum = _LZ4_HEADER.unpack(header)
        largest = 1 << (_SMALLEST_BLOCK_BITS + (token & 0x0F))
        if magic != _LZ4_MAGIC:
            raise Damaged("a block does not begin with `LZ4Block`")
        if not 0 <= plain_bytes <= largest or not 0 <= compressed_bytes <= MAX_BLOCK_BYTES or (plain_bytes == 0) != (compressed_bytes == 0):
            raise Damaged(f"a block claims {compressed_bytes} bytes that hold {plain_bytes}")
        ended = not plain_bytes
        if plain_bytes:
            yield _lz4_block(token & 0xF0, file.exactly(compressed_bytes), plain_bytes, checksum)
    if not ended:
        raise Unfinished


def _lz4_block(method: int, block: bytes, plain_bytes: int, checksum: int) -> bytes:
    if method == _COMPRESSED:
        try:
            block = lz4.block.decompress(block, uncompressed_size=plain_bytes)
        except lz4.block.LZ4BlockError as error:
            raise Damaged(error) from None
    elif method != _RAW:
        raise Damaged(f"a block has the unknown method {method:#x}")
    if len(block) != plain_bytes:
        raise Damaged(f"a block holds {len(block)} bytes instead of {plain_bytes}")
    if xxhash.xxh32_intdigest(block, _SEED) & _CHECKSUM_MASK != checksum:
        raise Damaged("the checksum of a block is wrong")
    return block


def java_snappy(file: Prefixed) -> Iterator[bytes]:
    """Blocks of snappy-java, each after its length; another stream with a header of its own may follow anywhere."""
    while head := file.next(4):
        size = int.from_bytes(head, "big")
        if size == _SNAPPY_HEAD:
            file.exactly(_SNAPPY_REST_OF_HEADER)
        else:
            yield _snappy_block(file, size)


def framed_snappy(file: Prefixed) -> Iterator[bytes]:
    """The standard framing, which `snzip` and others write. Its checksums are not verified."""
    while head := file.next(4):
        kind, size = head[0], int.from_bytes(head[1:], "little")
        if kind in (_SNAPPY_COMPRESSED, _SNAPPY_PLAIN):
            if size < _FRAMED_CHECKSUM_BYTES:
                raise Damaged(f"a chunk has {size} bytes")
            file.exactly(_FRAMED_CHECKSUM_BYTES)
            size -= _FRAMED_CHECKSUM_BYTES
            yield _snappy_block(file, size) if kind == _SNAPPY_COMPRESSED else file.exactly(size)
        elif kind >= _SNAPPY_FIRST_SKIPPABLE:
            file.exactly(size)
        else:
            raise Damaged(f"a chunk has the unknown type {kind:#x}")


def _snappy_block(file: Prefixed, size: int) -> bytes:
    if size > MAX_BLOCK_BYTES:
        raise Damaged(f"a block claims {size} bytes")
    block = file.exactly(size)
    plain_bytes = _varint(block)
    if plain_bytes > MAX_BLOCK_BYTES:
        raise Damaged(f"a block claims to hold {plain_bytes} bytes")
    try:
        return _snappy.decompress(block, plain_bytes, asbytes=True) if plain_bytes else b""
    except (pa.ArrowException, OSError) as error:
        raise Damaged(error) from None


def _varint(block: bytes) -> int:
    value = 0
    for position, byte in enumerate(block[:5]):
        value |= (byte & 0x7F) << (7 * position)
        if byte < 0x80:
            return value
    raise Damaged("a block does not begin with its length")
