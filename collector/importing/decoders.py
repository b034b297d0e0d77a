"""Who decodes the pieces of an import: this thread, or processes beside it."""

from __future__ import annotations

import os
import queue
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol

from collector.eventlog.batch import DecodedBatch
from collector.eventlog.identity import Identity
from collector.eventlog.ranges import Piece
from collector.eventlog.sources import LogSource
from collector.eventlog.worker import DecoderDied, DecoderProcess, decode_piece

MOST_PROCESSES = 4
"""Each takes about 100 MB, and one store does not take in more than four decode."""
WORTH_PROCESSES_BYTES = 32 * 1024 * 1024
"""Less than this is decoded before processes have started."""

Decoded = Future[tuple[DecodedBatch, int]]
"""The rows of a piece, with line numbers from 1, and its size in bytes."""


class Decoders(Protocol):
    """Takes pieces; `ahead` is how many may be under way before the first result is taken, `early` how many pieces that hold no bytes
    may be so while the store is still being opened."""

    ahead: int
    early: int

    def submit(self, piece: Piece, identity: Identity) -> Decoded: ...


class DecodeHere:
    """Decodes at once."""

    ahead = 0
    early = 0

    def submit(self, piece: Piece, identity: Identity) -> Decoded:
        """See `Decoders`."""
        done: Decoded = Future()
        try:
            done.set_result(decode_piece(piece, identity))
        except Exception as error:  # it is the taker's
            done.set_exception(error)
        return done


class DecodeInProcesses:
    """Decodes in `processes` processes, each fed by a thread that waits for it."""

    def __init__(self, processes: int) -> None:
        # Enough to outlast a slow insert, and little enough to hold in memory where the pieces are bytes.
        self.ahead = 3 * processes
        self.early = 16 * processes
        self._idle: queue.SimpleQueue[DecoderProcess] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="sparkledger-decode")
        for _ in range(processes):
            self._idle.put(DecoderProcess())

    def submit(self, piece: Piece, identity: Identity) -> Decoded:
        """See `Decoders`."""
        return self._threads.submit(self._decode, piece, identity)

    def _decode(self, piece: Piece, identity: Identity) -> tuple[DecodedBatch, int]:
        process = self._idle.get()
        try:
            return process.decode(piece, identity)
        except DecoderDied:
            process.close()
            process = DecoderProcess()
            raise
        finally:
            self._idle.put(process)

    def close(self) -> None:
        """End the processes; what is under way is dropped."""
        self._threads.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            self._idle.get().close()


@contextmanager
def decoders_for(sources: Iterable[LogSource], processes: int | None = None) -> Iterator[Decoders]:
    """What suits logs of their size, or the number of processes that is asked for (0: none)."""
    if processes is None:
        size_bytes = sum(source.size_bytes for source in sources)
        processes = min(os.cpu_count() or 1, MOST_PROCESSES) if size_bytes >= WORTH_PROCESSES_BYTES else 0
    if not processes:
        yield DecodeHere()
        return
    decoders = DecodeInProcesses(processes)
    try:
        yield decoders
    finally:
        decoders.close()
