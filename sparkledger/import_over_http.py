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
    import httpx

    from sparkledger.connection import Connection

_TOO_MANY_REQUESTS, _UNAVAILABLE = 429, 503
_PATIENCE_S = 120.0
"""How long a store that is away is waited for, as while ClickHouse is restarted: hours of an import should not end there."""
_POSTS_AT_ONCE = 2
"""One is inserted while the next is encoded and sent."""


class HttpCatalog:
    """The questions of an import, asked over the API."""

    opening = False

    def __init__(self, api: Connection, clock: Callable[[], float] = time.monotonic) -> None:
        self._api = api
        self._clock = clock

    def known_log(self, digest: str) -> KnownLog | None:
        """The import of a log with this content, or None."""
        known: dict[str, Any] | None = self._ask(f"/api/v1/imports/logs/{quote(digest, safe='')}")["known_log"]
        if known is None:
            return None
        identity = Identity(known.pop("app_id"), known.pop("attempt_id"))
        return KnownLog(identity, **known)

    def start_ms(self, identity: Identity) -> int | None:
        """When this attempt started, in milliseconds since 1970; None where no start is known."""
        named = {"app_id": identity.app_id, "attempt_id": identity.attempt_id}
        start: int | None = self._ask("/api/v1/imports/start", params=named)["start_ms"]
        return start

    def _ask(self, path: str, **arguments: Any) -> Any:
        return _patiently(self._api, self._clock, time.sleep, "GET", path, **arguments).json()


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
        headers = {"Content-Type": MEDIA_TYPE}
        _patiently(self._api, self._clock, self._closed.wait, "POST", "/api/v1/imports/batches", content=body, headers=headers)

    def __enter__(self) -> HttpSink:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._closed.set()
        self._posts.shutdown(wait=True, cancel_futures=True)


def _patiently(
    api: Connection, clock: Callable[[], float], pause: Callable[[float], bool | None], method: str, path: str, **arguments: Any
) -> httpx.Response:
    """The answer, asked for until the server is no longer busy and its store no longer away, or `pause` says to stop.

    Raises:
        CliError: the server refuses, or its store stays away.
    """
    # An embedded store is away when its disk is full: that is for people, at once.
    away_until_s = clock() + (0.0 if api.in_process else _PATIENCE_S)
    while True:
        response = api.attempt(method, path, **arguments)
        busy = response.status_code == _TOO_MANY_REQUESTS
        away = response.status_code == _UNAVAILABLE and clock() < away_until_s
        if not (busy or away) or pause(_pause_s(response)):
            return api.check(response)


def _pause_s(response: httpx.Response) -> float:
    """What `Retry-After` says; a second where that is missing or a date, as a proxy may send it."""
    said = response.headers.get("Retry-After", "")
    return float(said) if said.isascii() and said.isdigit() else 1.0
