"""Reading a request's body: bounded before it is held, bounded again as it is decompressed."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable, Iterator

import zstandard
from fastapi import HTTPException, Request

from collector.api.errors import refusal

CODECS = ("identity", "gzip", "zstd")
SMALLER = "send fewer lines at once; a whole event log of any size goes in with `sparkledger import LOG`"

# A body that is too large is read on and thrown away up to this multiple of the limit: a client that is still sending
# would otherwise see a broken connection instead of the answer.
_DISCARD_FACTOR = 2
_ZSTD_SLICE_BYTES = 1024
"""A block of 128 KiB may take four bytes, so what one slice yields stays below 32 MiB."""
_ZSTD_MAX_WINDOW_BYTES = 128 << 20
_GZIP_SLICE_BYTES = 16 << 10
"""Deflate yields at most 1,032 bytes a byte, so what one slice yields stays below 17 MiB."""


class BrokenBody(ValueError):
    """The compression of a body cannot be undone."""


class BodyTooLarge(ValueError):
    """A body holds more than is allowed once it is decompressed."""


def codec_of(request: Request) -> str:
    """The body's compression. Raises a 415 for one that is not in `CODECS`."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower() or "identity"
    if encoding not in CODECS:
        raise refusal(
            415,
            "unsupported_encoding",
            f"the content encoding `{encoding}` is not known",
            "send gzip, zstd, or none",
            headers={"Accept-Encoding": ", ".join(CODECS)},
        )
    return encoding


async def read_body(request: Request, *, limit_bytes: int, timeout_s: float, hold: Callable[[int], None]) -> bytes:
    """The body as it came. Raises a 413 above `limit_bytes`, without holding more, and a 408 after `timeout_s`.

    `hold` is told of the bytes of each piece before it is kept, and may refuse it.
    """
    try:
        return await asyncio.wait_for(_read(request, limit_bytes, hold), timeout_s)
    except (asyncio.TimeoutError, TimeoutError) as error:
        raise refusal(408, "body_timeout", f"the body did not arrive within {timeout_s:g} seconds", "send smaller batches") from error


def decompress(body: bytes, codec: str, *, limit_bytes: int) -> bytes:
    """Undo the compression. Stops at `limit_bytes`, so a bomb costs no more than that.

    Raises `BodyTooLarge` or `BrokenBody`; a body cut off in the middle is broken.
    """
    if codec == "identity":
        pieces: Iterator[bytes] = iter((body,))
    else:
        pieces = _gunzip(body) if codec == "gzip" else _unzstd(body)
    plain = bytearray()
    for piece in pieces:
        if len(plain) + len(piece) > limit_bytes:
            raise BodyTooLarge(f"the body holds more than {limit_bytes:,} bytes once decompressed")
        plain += piece
    return bytes(plain)


async def _read(request: Request, limit_bytes: int, hold: Callable[[int], None]) -> bytes:
    declared = request.headers.get("content-length", "")
    too_large = declared.isdigit() and int(declared) > limit_bytes
    if too_large and int(declared) > limit_bytes * _DISCARD_FACTOR:
        raise _too_large(limit_bytes)
    body, seen_bytes = bytearray(), 0
    async for chunk in request.stream():
        seen_bytes += len(chunk)
        if too_large or seen_bytes > limit_bytes:
            too_large = True
            body.clear()
            if seen_bytes > limit_bytes * _DISCARD_FACTOR:
                break
        else:
            hold(len(chunk))
            body += chunk
    if too_large:
        raise _too_large(limit_bytes)
    return bytes(body)


def _too_large(limit_bytes: int) -> HTTPException:
    return refusal(413, "body_too_large", f"the body is larger than {limit_bytes:,} bytes", SMALLER)


def _gunzip(body: bytes) -> Iterator[bytes]:
    member = None
    # By slices: what follows a member is copied at its end, which for a body of empty members would be the whole body each time.
    for start in range(0, len(body), _GZIP_SLICE_BYTES):
        rest = body[start : start + _GZIP_SLICE_BYTES]
        while rest:
            member = member or zlib.decompressobj(wbits=31)
            try:
                yield member.decompress(rest)
            except zlib.error as error:
                raise BrokenBody(f"the gzip stream is broken: {error}") from error
            rest = b""
            if member.eof:
                rest, member = member.unused_data, None
    if member is not None:
        raise BrokenBody("the gzip stream ends in the middle")


def _unzstd(body: bytes) -> Iterator[bytes]:
    decompressor = zstandard.ZstdDecompressor(max_window_size=_ZSTD_MAX_WINDOW_BYTES)
    frame = None
    for start in range(0, len(body), _ZSTD_SLICE_BYTES):
        rest = body[start : start + _ZSTD_SLICE_BYTES]
        while rest:
            frame = frame or decompressor.decompressobj()
            try:
                yield frame.decompress(rest)
            except zstandard.ZstdError as error:
                raise BrokenBody(f"the zstd stream is broken: {error}") from error
            rest = b""
            if frame.eof:
                rest, frame = frame.unused_data, None
    if frame is not None:
        raise BrokenBody("the zstd stream ends in the middle")
