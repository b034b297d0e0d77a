"""What taking in events needs, made once by the server and kept in `app.state.ingest`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import anyio
from fastapi import HTTPException

from collector.api.errors import refusal
from collector.api.metrics import Metrics
from collector.storage.writer import Writer

_READY_THREADS = 2
"""For those who ask whether the collector is ready."""


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """How much one collector takes at once."""

    body_bytes: int = 128 << 20
    """Of one body as it comes."""
    decompressed_bytes: int = 128 << 20
    """Of one body once decompressed."""
    bodies_bytes: int = 256 << 20
    """Of all bodies that are being taken in, as they come."""
    concurrent_batches: int = 256
    """Bodies that are being read or decoded, or wait for the store."""
    body_timeout_s: float = 60.0
    """For one body to arrive."""
    decode_threads: int = 2


class Ingest:
    """The way of a batch: admitted, read, decoded in a thread of its own, handed to the writer."""

    def __init__(self, writer: Writer, metrics: Metrics, limits: IngestLimits) -> None:
        self.writer = writer
        self.metrics = metrics
        self.limits = limits
        self.decoders = ThreadPoolExecutor(limits.decode_threads, thread_name_prefix="sparkledger-decode")
        self.ready_threads = anyio.CapacityLimiter(_READY_THREADS)
        self._batches = 0
        self._bodies_bytes = 0

    @contextmanager
    def admission(self) -> Iterator[Callable[[int], None]]:
        """Hold one of the places for batches, and the bytes that the yielded function is told of. For the event loop's thread only.

        Both raise a 429 where there is no place left; a body that is alone is always let in.
        """
        if self._batches >= self.limits.concurrent_batches:
            raise _full(f"{self._batches} batches are being taken in already")
        self._batches += 1
        own_bytes = 0

        def hold(size_bytes: int) -> None:
            nonlocal own_bytes
            if self._bodies_bytes > own_bytes and self._bodies_bytes + size_bytes > self.limits.bodies_bytes:
                raise _full(f"{self._bodies_bytes:,} bytes of batches are being taken in already")
            own_bytes += size_bytes
            self._bodies_bytes += size_bytes

        try:
            yield hold
        finally:
            self._batches -= 1
            self._bodies_bytes -= own_bytes

    def close(self) -> None:
        """Finish what is being decoded, then what waits for the store."""
        self.decoders.shutdown(wait=True)
        self.writer.close()


def _full(message: str) -> HTTPException:
    return refusal(429, "too_many_batches", message, "send the batch again after the time in Retry-After", retry_after_s=1)
