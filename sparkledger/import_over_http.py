"""The store as an import sees it, when it is reached through the API."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pyarrow as pa

from collector.api.imports.wire import MEDIA_TYPE, encode_tables
from collector.eventlog import Identity
from collector.importing.catalog import KnownLog

if TYPE_CHECKING:
    from sparkledger.connection import Connection

_TOO_MANY_REQUESTS, _UNAVAILABLE = 429, 503
_PATIENCE_S = 120.0
"""How long a store that is away is waited for, as while ClickHouse is restarted: hours of an import should not end there."""
_POSTS_AT_ONCE = 2
"""One is inserted while the next is encoded and sent."""


class HttpCatalog:
    """The questions of an import, asked over the API."""

    def __init__(self, api: Connection) -> None:
        self._api = api

    def known_log(self, digest: str) -> KnownLog | None:
        """The import of a log with this content, or None."""
        known: dict[str, Any] | None = self._api.get(f"/imports/logs/{quote(digest, safe='')}")["known_log"]
        if known is None:
            return None
        identity = Identity(known.pop("app_id"), known.pop("attempt_id"))
        return KnownLog(identity, **known)

    def start_ms(self, identity: Identity) -> int | None:
        """When this attempt started, in milliseconds since 1970; None where no start is known."""
        start: int | None = self._api.get("/imports/start", app_id=identity.app_id, attempt_id=identity.attempt_id)["start_ms"]
        return start


class HttpSink:
    """Takes batches and posts them from threads of its own. The future fails with CliError where the server refuses.

    As a context manager it ends its posts before the connection is closed under them.
    """

    def __init__(self, api: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock
        self._posts = ThreadPoolExecutor(_POSTS_AT_ONCE, thread_name_prefix="sparkledger-post")
        self._closed = threading.Event()

    def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
        """Post a batch, as often as the server says to come again."""
        return self._posts.submit(self._post, tables)

    def _post(self, tables: Mapping[str, pa.Table]) -> None:
        body = encode_tables(tables, compress=not self._api.in_process)
        # An embedded store is away when its disk is full: that is for people, at once.
        away_until_s = self._clock() + (0.0 if self._api.in_process else _PATIENCE_S)
        while True:
            response = self._api.attempt("POST", "/api/v1/imports/batches", content=body, headers={"Content-Type": MEDIA_TYPE})
            busy = response.status_code == _TOO_MANY_REQUESTS
            away = response.status_code == _UNAVAILABLE and self._clock() < away_until_s
            if not (busy or away) or self._closed.wait(int(response.headers.get("Retry-After", "1"))):
                self._api.check(response)
                return

    def __enter__(self) -> HttpSink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed.set()
        self._posts.shutdown(wait=True, cancel_futures=True)
