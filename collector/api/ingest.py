"""What taking in events needs, made once by the server and kept in `app.state.ingest`."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from collector.api.errors import refusal
from collector.api.metrics import Metrics
from collector.storage.writer import Writer


@dataclass(frozen=True, slots=True)
class IngestLimits:
    """How much one collector takes at once."""

    body_bytes: int = 16 << 20
    """Of one body as it comes."""
    decompressed_bytes: int = 128 << 20
    """Of one body once decompressed."""
    concurrent_batches: int = 32
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
        self._batches = 0

    @contextmanager
    def admission(self) -> Iterator[None]:
        """Hold one of the places for batches. Raises a 429 where all are taken. For the event loop's thread only."""
        if self._batches >= self.limits.concurrent_batches:
            raise refusal(
                429,
                "too_many_batches",
                f"{self._batches} batches are being taken in already",
                "send the batch again after the time in Retry-After",
                retry_after_s=1,
            )
        self._batches += 1
        try:
            yield
        finally:
            self._batches -= 1

    def close(self) -> None:
        """Finish what is being decoded, then what waits for the store."""
        self.decoders.shutdown(wait=True)
        self.writer.close()
