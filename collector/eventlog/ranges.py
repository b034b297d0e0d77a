"""Pieces of a log that may be read where they are decoded: a plain file on disk is named by offsets, anything else is bytes."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass

from collector.eventlog.codecs import StreamState, codec_of
from collector.eventlog.encodings import is_saved_again
from collector.eventlog.files import LocalFile
from collector.eventlog.lines import MAX_LINE_BYTES
from collector.eventlog.sources import LogSource, Progress, whole_lines

PIECE_BYTES = 8 * 1024 * 1024
"""A table of some thousand tasks: what each column costs is then little beside what each row does."""
_BLOCK_BYTES = 256 * 1024
"""What is read at once stays in the processor's cache until it is decoded."""
_LOOK_BYTES = 64 * 1024
_HEAD_BYTES = 10


@dataclass(frozen=True, slots=True)
class FileRange:
    """Whole lines of a plain file. `cut` says that the last of them was cut off, since it is longer than a line may be."""

    path: str
    start: int
    size_bytes: int
    cut: bool = False

    def read(self) -> bytes:
        """The lines. A file that shrank since gives less."""
        with open(self.path, "rb") as file:
            file.seek(self.start)
            data = file.read(self.size_bytes)
        # The newline makes the decoder see a line that is too long, not a log that ends in the middle.
        return data + b"\n" if self.cut else data

    def blocks(self) -> Iterator[bytes]:
        """The lines, some at a time."""
        if self.cut:
            yield self.read()
            return
        with open(self.path, "rb", buffering=0) as file:
            file.seek(self.start)
            yield from whole_lines(_read_in_blocks(file, self.size_bytes), _BLOCK_BYTES)


Piece = bytes | FileRange


def bytes_of(piece: Piece) -> bytes:
    """The lines of a piece."""
    return piece if isinstance(piece, bytes) else piece.read()


def blocks_of(piece: Piece) -> Iterator[bytes]:
    """The lines of a piece, some at a time where it has to be read."""
    return iter((piece,)) if isinstance(piece, bytes) else piece.blocks()


def pieces_of(source: LogSource, state: StreamState, progress: Progress, piece_bytes: int = PIECE_BYTES) -> Iterator[Piece]:
    """The content of a log in pieces of about `piece_bytes`; see `LogSource.chunks`. Nothing of a range is read here, or told of."""
    first, *others = source.parts
    if not others and isinstance(first, LocalFile) and _is_plain(first):
        state.cut = source.missing
        state.codecs["plain"] += 1
        yield from ranges_of(str(first.path), piece_bytes)
    else:
        yield from source.chunks(state, progress, piece_bytes)


def _read_in_blocks(file: io.FileIO, size_bytes: int) -> Iterator[bytes]:
    while size_bytes > 0 and (block := file.read(min(_BLOCK_BYTES, size_bytes))):
        yield block
        size_bytes -= len(block)


def _is_plain(part: LocalFile) -> bool:
    with part.open() as file:
        head = file.read(_HEAD_BYTES)
    return codec_of(head) == "plain" and not is_saved_again(head)


def ranges_of(path: str, piece_bytes: int) -> Iterator[FileRange]:
    """Ranges of a plain file that end with a newline each, but for the last. What is appended meanwhile is left for later."""
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        start = 0
        while start < size:
            end = _line_end(file.fileno(), min(start + piece_bytes, size), size)
            longest = MAX_LINE_BYTES + piece_bytes
            yield FileRange(path, start, min(end - start, longest), cut=end - start > longest)
            start = end


def _line_end(descriptor: int, at: int, size: int) -> int:
    """The position after the first newline at or after `at - 1`, or the end of the file."""
    at -= 1
    while at < size:
        look = os.pread(descriptor, _LOOK_BYTES, at)
        found = look.find(b"\n")
        if found >= 0:
            return at + found + 1
        if not look:
            break
        at += len(look)
    return size
