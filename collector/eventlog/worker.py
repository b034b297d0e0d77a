"""Decoding in processes of their own, since the interpreter runs one thread at a time.

Tables come back as Arrow streams. A process that has loaded the embedded engine, or runs threads that hold who knows what, is never
forked; one that has done neither is, which saves each decoder the start of an interpreter and the memory of its modules.
"""

from __future__ import annotations

import pickle
import signal
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING

import pyarrow as pa

from collector.arrow_alone import keep_pandas_out
from collector.eventlog.batch import BatchTooLarge, DecodedBatch
from collector.eventlog.decoder import decode
from collector.eventlog.identity import Identity
from collector.eventlog.ranges import Piece, blocks_of

if TYPE_CHECKING:
    from multiprocessing.context import ForkContext, SpawnContext

_STOP_S = 10
_Answer = tuple[DecodedBatch | None, int, list[tuple[str, bytes]], Exception | None]


class DecoderDied(RuntimeError):
    """The decoding process ended without an answer, as the kernel ends processes when memory runs out."""


class DecoderProcess:
    """One process that decodes one piece at a time. For one thread at a time."""

    def __init__(self) -> None:
        forks = _may_fork()
        context: ForkContext | SpawnContext = get_context("fork") if forks else get_context("spawn")
        self._pipe, theirs = context.Pipe()
        # A fork holds this end, too, and would wait for itself if this process died.
        arguments = (theirs, self._pipe) if forks else (theirs,)
        self._process = context.Process(target=_serve, args=arguments, name="sparkledger-decoder", daemon=True)
        self._process.start()
        theirs.close()

    def decode(self, piece: Piece, identity: Identity) -> tuple[DecodedBatch, int]:
        """The rows of a piece, and its size in bytes. Line numbers count from 1 within the piece.

        Raises:
            DecoderDied: the process is gone, and this object with it.
            OSError, BatchTooLarge: as reading and decoding do.
        """
        try:
            self._pipe.send((piece, identity))
            answer: _Answer = pickle.loads(self._pipe.recv_bytes())
        except (EOFError, OSError) as error:  # the pipe's: what reading a file fails with is part of the answer
            raise DecoderDied("a decoding process died, perhaps for want of memory") from error
        batch, size_bytes, tables, failure = answer
        if batch is None:
            raise failure or DecoderDied("a decoding process gave no answer")
        return replace(batch, tables={name: pa.ipc.open_stream(stream).read_all() for name, stream in tables}), size_bytes

    def close(self) -> None:
        """End the process."""
        with suppress(OSError):
            # A decoder that was forked later holds this pipe, too, so closing it says nothing.
            self._pipe.send(None)
        self._pipe.close()
        self._process.join(_STOP_S)
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._process.close()


def _may_fork() -> bool:
    return sys.platform == "linux" and "chdb" not in sys.modules and threading.active_count() == 1


def decode_piece(piece: Piece, identity: Identity) -> tuple[DecodedBatch, int]:
    """The rows of a piece and its size in bytes, decoded right here."""
    sizes: list[int] = []
    batch = decode(_measured(blocks_of(piece), sizes), identity, may_be_cut=True)
    return batch, sum(sizes)


def _measured(blocks: Iterable[bytes], sizes: list[int]) -> Iterator[bytes]:
    for block in blocks:
        sizes.append(len(block))
        yield block


def _serve(pipe: Connection, inherited: Connection | None = None) -> None:
    # Ctrl-C reaches the whole group of processes; the importing one decides what it means.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if inherited is not None:
        inherited.close()
    keep_pandas_out()
    while True:
        try:
            asked = pipe.recv()
        except (EOFError, OSError):
            return
        if asked is None:
            return
        piece, identity = asked
        try:
            pipe.send_bytes(pickle.dumps(_answer(piece, identity), pickle.HIGHEST_PROTOCOL))
        except OSError:
            return


def _answer(piece: Piece, identity: Identity) -> _Answer:
    try:
        batch, size_bytes = decode_piece(piece, identity)
    except (OSError, BatchTooLarge) as error:
        return None, 0, [], error
    except MemoryError:
        return None, 0, [], OSError("not enough memory to decode")
    return replace(batch, tables={}), size_bytes, list(_streams(batch.tables)), None


def _streams(tables: Mapping[str, pa.Table]) -> Iterator[tuple[str, bytes]]:
    for name, table in tables.items():
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, table.schema) as stream:
            stream.write_table(table)
        yield name, sink.getvalue().to_pybytes()
