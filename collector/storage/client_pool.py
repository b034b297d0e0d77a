"""Clients of one kind, each used by one thread at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.client import Client

from collector.storage.errors import StoreError


class ClientPool:
    """Lends idle clients and opens another when all are out; a client serialises its calls, several run side by side.

    There are never more clients than there were callers at once, so a caller that bounds its threads bounds the pool.
    """

    def __init__(self, connect: Callable[[], Client]) -> None:
        self._connect = connect
        self._idle: list[Client] = []
        self._lock = threading.Lock()
        self._closed = False

    @contextmanager
    def client(self) -> Iterator[Client]:
        """Lend a client. Raises `StoreError` once the pool is closed."""
        client = self._take() or self._connect()
        try:
            yield client
        finally:
            self._give_back(client)

    def close(self) -> None:
        """Close the idle clients now and the lent ones as they come back."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for client in idle:
            client.close()

    def _take(self) -> Client | None:
        with self._lock:
            if self._closed:
                raise StoreError("the store is closed")
            return self._idle.pop() if self._idle else None

    def _give_back(self, client: Client) -> None:
        with self._lock:
            if not self._closed:
                self._idle.append(client)
                return
        client.close()
