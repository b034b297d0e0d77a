"""One thread that inserts what many requests bring.

Inserting a thousand rows costs ten times as much a row as inserting a hundred thousand, so everything that waits is put
into one insert a table. While that insert runs the next one gathers; under no load nothing waits.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass

import pyarrow as pa

from collector.storage.client import Store
from collector.storage.errors import BackPressure, StoreError, StoreUnavailable

DEFAULT_QUEUE_BYTES = 256 << 20
ROUND_BYTES = 64 << 20
LONGEST_RETRY_AFTER_S = 30

# The rest goes by name. Tasks come first: they are most. The record of the batch comes last, so that a batch on record is whole.
_FIRST, _LAST = ("tasks",), ("applications", "ingest_batches")


@dataclass(frozen=True, slots=True)
class Round:
    """What one turn of the writer did. `error` is the reason why the combined insert failed, None where it did not."""

    batches: int
    rows: int
    size_bytes: int
    seconds: float
    error: StoreError | None


@dataclass(frozen=True, slots=True)
class _Batch:
    tables: Mapping[str, pa.Table]
    size_bytes: int
    done: Future[None]


class Writer:
    """Inserts batches in the background; each batch's future resolves when all its tables are durable.

    A crash between two tables leaves only batches that nobody was told about; sending them again completes them.
    `queue_bytes` bounds the Arrow bytes that wait or are being inserted. `observe` is told of every round, in the writer's thread.
    """

    def __init__(
        self, store: Store, *, queue_bytes: int = DEFAULT_QUEUE_BYTES, observe: Callable[[Round], None] = lambda _round: None
    ) -> None:
        self._store = store
        self._queue_bytes = queue_bytes
        self._observe = observe
        self._waiting: deque[_Batch] = deque()
        self._held_bytes = 0
        self._last_round_s = 0.0
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="sparkledger-writer", daemon=True)
        self._thread.start()

    @property
    def alive(self) -> bool:
        """Whether batches are being inserted."""
        return self._thread.is_alive() and not self._closed

    @property
    def held_bytes(self) -> int:
        """Arrow bytes of the batches that wait or are being inserted."""
        return self._held_bytes

    def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """Take a batch, one Arrow table a table name.

        Raises `BackPressure` where the queue is full; a batch larger than the queue is taken when the queue is empty.
        """
        size_bytes = sum(table.nbytes for table in tables.values())
        batch = _Batch(tables, size_bytes, Future())
        with self._changed:
            if self._closed:
                raise StoreUnavailable("the writer is closed", hint="the collector is stopping; send the batch again later")
            if self._held_bytes and self._held_bytes + size_bytes > self._queue_bytes:
                raise BackPressure(
                    f"{self._held_bytes:,} bytes wait to be inserted and {size_bytes:,} more do not fit into {self._queue_bytes:,}",
                    retry_after_s=min(max(math.ceil(self._last_round_s), 1), LONGEST_RETRY_AFTER_S),
                    hint="send the batch again after the time in Retry-After",
                )
            self._held_bytes += size_bytes
            self._waiting.append(batch)
            self._changed.notify()
        return batch.done

    def close(self) -> None:
        """Insert what waits, then stop. Closing twice is fine."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        while batches := self._next_round():
            started = time.monotonic()
            error = self._insert(batches)
            self._last_round_s = time.monotonic() - started
            size_bytes = sum(batch.size_bytes for batch in batches)
            rows = sum(table.num_rows for batch in batches for table in batch.tables.values())
            with self._changed:
                self._held_bytes -= size_bytes
            self._observe(Round(len(batches), rows, size_bytes, self._last_round_s, error))

    def _next_round(self) -> list[_Batch]:
        """Wait for batches and take as many as one round should hold; none once the writer is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed)
            taken: list[_Batch] = []
            taken_bytes = 0
            while self._waiting and (not taken or taken_bytes + self._waiting[0].size_bytes <= ROUND_BYTES):
                batch = self._waiting.popleft()
                batch.done.set_running_or_notify_cancel()
                taken.append(batch)
                taken_bytes += batch.size_bytes
            return taken

    def _insert(self, batches: Sequence[_Batch]) -> StoreError | None:
        """Insert batches together and resolve their futures.

        Where the store refuses the data (rather than being away), each batch is tried alone: only the culprit fails.
        """
        error = self._try(batches)
        if error is None or isinstance(error, StoreUnavailable) or len(batches) == 1:
            for batch in batches:
                _resolve(batch, error)
        else:
            for batch in batches:
                _resolve(batch, self._try([batch]))
        return error

    def _try(self, batches: Sequence[_Batch]) -> StoreError | None:
        try:
            for name, rows in _combined(batch.tables for batch in batches):
                self._store.insert(name, rows)
        except StoreError as error:
            return error
        except Exception as error:  # the thread must outlive whatever one batch brings
            return StoreError(f"the batch could not be inserted: {error}")
        return None


def _combined(batches: Iterable[Mapping[str, pa.Table]]) -> list[tuple[str, pa.Table]]:
    parts: dict[str, list[pa.Table]] = {}
    for tables in batches:
        for name, rows in tables.items():
            parts.setdefault(name, []).append(rows)
    return [(name, pa.concat_tables(parts[name]).unify_dictionaries()) for name in sorted(parts, key=_place)]


def _place(table: str) -> tuple[int, str]:
    if table in _FIRST:
        return 0, table
    if table in _LAST:
        return 2 + _LAST.index(table), table
    return 1, table


def _resolve(batch: _Batch, error: StoreError | None) -> None:
    if batch.done.cancelled():
        return
    if error is None:
        batch.done.set_result(None)
    else:
        batch.done.set_exception(error)
