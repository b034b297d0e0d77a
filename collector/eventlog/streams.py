"""Reading exact amounts from a stream, and how decoders of streams say that there is no more to have."""

from __future__ import annotations

from typing import Protocol


class Readable(Protocol):
    """What bytes come out of; it need not seek."""

    def read(self, size: int, /) -> bytes: ...


class Unfinished(Exception):
    """The stream ends where more must follow."""


class Damaged(Exception):
    """The stream holds what its format does not allow; the text says what."""


class Prefixed:
    """A file whose first bytes were read already, which can therefore be one that does not seek."""

    def __init__(self, head: bytes, file: Readable) -> None:
        self._head = head
        self._file = file

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end."""
        if self._head:
            piece, self._head = self._head[:size], self._head[size:]
            return piece
        return self._file.read(size)

    def exactly(self, size: int) -> bytes:
        """`size` bytes. Raises Unfinished where the file ends before."""
        piece = self.read(size)
        if len(piece) == size:
            return piece
        pieces, missing = [piece], size - len(piece)
        while missing:
            piece = self.read(missing)
            if not piece:
                raise Unfinished
            pieces.append(piece)
            missing -= len(piece)
        return b"".join(pieces)

    def next(self, size: int) -> bytes:
        """`size` bytes, or none where the file ends right here. Raises Unfinished where it ends within."""
        first = self.read(1)
        return first + self.exactly(size - 1) if first else b""
