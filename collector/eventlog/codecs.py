"""Compressed files as streams of bytes: the codec by magic bytes, since names of event logs lie.

An unfinished or damaged stream, as a running or killed application leaves it, gives what is there. Memory is bounded by a
block of the codec, whatever the stream claims.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import lz4.frame
import zstandard

from collector.eventlog.block_codecs import framed_snappy, java_snappy, lz4_blocks
from collector.eventlog.lzf import lzf_chunks
from collector.eventlog.streams import Damaged, Prefixed, Readable, Unfinished

_READ_BYTES = 1024 * 1024
# Zstandard's decompressor returns all that its input holds. A block of 4 bytes can hold 128 KiB, so small pieces bound the memory.
_ZSTD_INPUT_BYTES = 4096
# Its greatest window in common use, of `xz -9`, takes 65 MiB.
_XZ_MEMORY_BYTES = 256 * 1024 * 1024
_HEAD_BYTES = 10


@dataclass(slots=True)
class StreamState:
    """What became of the streams of a log once they were read."""

    cut: str = ""
    """Why the log ends early, '' where it does not."""
    codecs: Counter[str] = field(default_factory=Counter)
    """How many streams, by codec."""
    damaged: list[str] = field(default_factory=list)
    """What their formats do not allow; the rest of such a stream is lost."""


def codec_of(head: bytes) -> str:
    """`gzip`, `zstd`, `lz4`, `snappy`, `lzf`, `bzip2`, `xz` or `plain`, by the first 10 bytes.

    Sources: the framings that Spark's `CompressionCodec` uses: lz4-java's LZ4Block, snappy-java's stream, compress-lzf's ZV
    chunks; and what command-line tools write: the standard frames of lz4 and snappy, bzip2 and xz.
    """
    return _recognised(head)[0]


def decompressed(file: Readable, state: StreamState) -> Iterator[bytes]:
    """Decompressed pieces of a file, whatever its codec; `state` says afterwards why it ended early, where it did."""
    head = file.read(_HEAD_BYTES)
    codec, pieces = _recognised(head)
    state.codecs[codec] += 1
    try:
        yield from pieces(Prefixed(head, file))
    except Unfinished:
        state.cut = f"{codec} stream is unfinished"
    except Damaged as damage:
        state.cut = f"{codec} stream is damaged: {damage}"
        state.damaged.append(state.cut)


def _plain(file: Prefixed) -> Iterator[bytes]:
    return iter(lambda: file.read(_READ_BYTES), b"")


def _gzip(file: Prefixed) -> Iterator[bytes]:
    member = zlib.decompressobj(wbits=31)
    started = False
    while piece := file.read(_READ_BYTES):
        piece = piece if started else piece.lstrip(b"\0")
        while piece:
            try:
                data = member.decompress(piece, _READ_BYTES)
            except zlib.error as error:
                raise Damaged(error) from None
            started = True
            if data:
                yield data
            piece = member.unconsumed_tail
            if member.eof:
                # Tapes and block devices pad with zeros, which gzip itself passes over, too.
                piece = member.unused_data.lstrip(b"\0")
                member, started = zlib.decompressobj(wbits=31), False
    if started:
        raise Unfinished


def _zstd(file: Prefixed) -> Iterator[bytes]:
    context = zstandard.ZstdDecompressor(max_window_size=2**31)
    frame = context.decompressobj()
    started = False
    while piece := file.read(_ZSTD_INPUT_BYTES):
        while piece:
            try:
                data = frame.decompress(piece)
            except zstandard.ZstdError as error:
                raise Damaged(error) from None
            started, piece = True, b""
            if data:
                yield data
            if frame.eof:
                piece = frame.unused_data
                frame, started = context.decompressobj(), False
    if started:
        raise Unfinished


def _frames(new: Callable[[], Any], file: Prefixed) -> Iterator[bytes]:
    """Frames one after another, each undone by what `new` gives: a decompressor as the standard library has them."""
    frame = new()
    started = False
    while piece := file.read(_READ_BYTES):
        piece = piece if started else piece.lstrip(b"\0")
        while piece or not frame.needs_input:
            try:
                data = frame.decompress(piece, _READ_BYTES)
            except (RuntimeError, EOFError, OSError, lzma.LZMAError) as error:
                raise Damaged(error) from None
            started, piece = True, b""
            if data:
                yield data
            if frame.eof:
                piece = (frame.unused_data or b"").lstrip(b"\0")
                frame, started = new(), False
    if started:
        raise Unfinished


def _xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_XZ_MEMORY_BYTES)


_Reader = Callable[[Prefixed], Iterator[bytes]]
_CODECS: tuple[tuple[bytes, str, _Reader], ...] = (
    (b"\x1f\x8b", "gzip", _gzip),
    (b"\x28\xb5\x2f\xfd", "zstd", _zstd),
    (b"LZ4Block", "lz4", lz4_blocks),
    (b"\x04\x22\x4d\x18", "lz4", partial(_frames, lz4.frame.LZ4FrameDecompressor)),
    (b"\x82SNAPPY\x00", "snappy", java_snappy),
    (b"\xff\x06\x00\x00sNaPpY", "snappy", framed_snappy),
    (b"ZV", "lzf", lzf_chunks),
    (b"BZh", "bzip2", partial(_frames, bz2.BZ2Decompressor)),
    (b"\xfd7zXZ\x00", "xz", partial(_frames, _xz)),
    # A frame to be skipped, which pzstd begins with.
    *((bytes([0x50 + kind]) + b"\x2a\x4d\x18", "zstd", _zstd) for kind in range(16)),
)


def _recognised(head: bytes) -> tuple[str, _Reader]:
    return next(((codec, reader) for magic, codec, reader in _CODECS if head.startswith(magic)), ("plain", _plain))
