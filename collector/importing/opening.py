"""A store that is opened while an import reads and decodes ahead: opening takes as long as decoding hundreds of megabytes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

import pyarrow as pa

from collector.eventlog.identity import Identity
from collector.importing.catalog import KnownLog, StoreCatalog
from collector.storage import Store
from collector.storage.writer import Writer


class OpeningStore:
    """Sink and catalog over a store that a thread opens. As a context manager it ends what was begun and closes the store.

    The calls wait for the store, and raise what opening it failed with; so does leaving the block, where nothing else failed.
    """

    def __init__(self, open_store: Callable[[], Store]) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sparkledger-open")
        self._store = self._thread.submit(open_store)
        self._writer = self._thread.submit(lambda: Writer(self._store.result()))

    @property
    def opening(self) -> bool:
        """Whether a question would have to wait."""
        return not self._writer.done()

    def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """See `Sink`."""
        return self._writer.result().write(tables)

    def known_log(self, digest: str) -> KnownLog | None:
        """See `Catalog`."""
        return StoreCatalog(self._store.result()).known_log(digest)

    def start_ms(self, identity: Identity) -> int | None:
        """See `Catalog`."""
        return StoreCatalog(self._store.result()).start_ms(identity)

    def __enter__(self) -> OpeningStore:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._thread.shutdown(wait=True)
        if self._store.exception() is None:
            self._writer.result().close()
            self._store.result().close()
        elif error is None:
            self._store.result()
