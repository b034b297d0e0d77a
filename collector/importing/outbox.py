"""Between decoder and sink: small batches are joined, and a bounded number of bytes may wait."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from typing import Protocol

import pyarrow as pa

from collector.storage import BackPressure

JOINED_BYTES = 16 * 1024 * 1024
"""Arrow bytes of one log that make a batch, some 25,000 tasks: a row costs the less the larger its insert is, and the last one has nothing
left to run beside."""
WAITING_BYTES = 64 * 1024 * 1024
"""Arrow bytes that may wait for the sink."""


class Sink(Protocol):
    """Where tables go; `storage.writer.Writer` is one."""

    def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """Take a batch; the future resolves when it is durable."""


class Outbox:
    """Batches on their way to a sink, in order."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._waiting: deque[tuple[Future[None], int]] = deque()
        self._waiting_bytes = 0

    def send(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """Hand a batch over, after waiting until there is room for it. Raises what an earlier batch failed with."""
        size_bytes = _size_bytes(tables)
        while self._waiting and self._waiting_bytes + size_bytes > WAITING_BYTES:
            self._wait_for_oldest()
        while True:
            try:
                future = self._sink.write(tables)
            except BackPressure as full:
                # Others fill the sink; an import has time.
                time.sleep(full.retry_after_s)
            else:
                self._waiting.append((future, size_bytes))
                self._waiting_bytes += size_bytes
                return future

    def drain(self) -> None:
        """Wait until everything is durable."""
        while self._waiting:
            self._wait_for_oldest()

    def _wait_for_oldest(self) -> None:
        future, size_bytes = self._waiting.popleft()
        future.result()
        self._waiting_bytes -= size_bytes


class LogBatches:
    """The batches of one log: the last of them goes out only once all others are durable."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        self._sent: list[Future[None]] = []
        self._held: dict[str, list[pa.Table]] = {}
        self._held_bytes = 0

    def add(self, tables: Mapping[str, pa.Table]) -> None:
        """Keep tables until there are enough for a batch."""
        if self._held_bytes >= JOINED_BYTES:
            self._sent.append(self._outbox.send(self._joined()))
        for name, table in tables.items():
            self._held.setdefault(name, []).append(table)
        self._held_bytes += _size_bytes(tables)

    def finish(self, record: pa.Table) -> None:
        """Send what is left with the record of the log, which thereby follows all rows of the log."""
        for future in self._sent:
            future.result()
        self._outbox.send({**self._joined(), "ingest_batches": record})

    def _joined(self) -> dict[str, pa.Table]:
        joined = {name: pa.concat_tables(tables) for name, tables in self._held.items()}
        self._held, self._held_bytes = {}, 0
        return joined


def _size_bytes(tables: Mapping[str, pa.Table]) -> int:
    return sum(table.nbytes for table in tables.values())
