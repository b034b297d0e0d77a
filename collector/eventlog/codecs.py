"""Compressed files as streams of bytes: the codec by magic bytes, since names of event logs lie.

An unfinished stream, as a running or killed application leaves it, gives what is there.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

import zstandard

_READ_BYTES = 1024 * 1024
# Zstandard's decompressor returns all that its input holds. A block of 4 bytes can hold 128 KiB, so small pieces bound the memory.
_ZSTD_INPUT_BYTES = 4096


class UnsupportedCodec(ValueError):
    """A codec that Spark writes and that cannot be read here, or no event log at all."""


@dataclass(slots=True)
class StreamState:
    """What became of a stream once it was read: `cut` says why it ended early, '' where it did not."""

    cut: str = ""


_MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"LZ4Block": "lz4",
    b"\x82SNAPPY\x00": "snappy",
    b"ZV": "lzf",
    b"\x04\x22\x4d\x18": "lz4",
}


def codec_of(head: bytes) -> str:
    """`gzip`, `zstd`, `lz4`, `snappy`, `lzf` or `plain`, by the first 8 bytes.

    Sources: the framings that Spark's `CompressionCodec` uses: lz4-java's LZ4Block, snappy-java's stream, compress-lzf's ZV chunks.
    """
    return next((codec for magic, codec in _MAGIC.items() if head.startswith(magic)), "plain")


def decompressed(file: BinaryIO, state: StreamState) -> Iterator[bytes]:
    """Decompressed pieces of a file, whatever its codec.

    Raises:
        UnsupportedCodec: the codec is one that is recognised but not read.
    """
    head = file.read(8)
    file.seek(0)
    codec = codec_of(head)
    if codec == "gzip":
        return _gzip(file, state)
    if codec == "zstd":
        return _zstd(file, state)
    if codec == "plain":
        return iter(lambda: file.read(_READ_BYTES), b"")
    raise UnsupportedCodec(f"compressed with {codec}, which cannot be read yet: expected plain text, gzip or zstd")


def _gzip(file: BinaryIO, state: StreamState) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    started = False
    while piece := file.read(_READ_BYTES):
        while piece:
            try:
                data = member.decompress(piece, _READ_BYTES)
            except zlib.error as error:
                state.cut = f"gzip stream is damaged: {error}"
                return
            started = True
            if data:
                yield data
            piece = member.unconsumed_tail
            if member.eof:
                piece = member.unused_data
                member, started = zlib.decompressobj(wbits=31), False
    if started:
        state.cut = "gzip stream is unfinished"


def _zstd(file: BinaryIO, state: StreamState) -> Iterator[bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=2**31)
    frame = context.decompressobj()
    started = False
    while piece := file.read(_ZSTD_INPUT_BYTES):
        while piece:
            try:
                data = frame.decompress(piece)
            except zstandard.ZstdError as error:
                state.cut = f"zstd stream is damaged: {error}"
                return
            started, piece = True, b""
            if data:
                yield data
            if frame.eof:
                piece = frame.unused_data
                frame, started = context.decompressobj(), False
    if started:
        state.cut = "zstd stream is unfinished"
