"""From a URL to an open, migrated store."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from collector.arrow_alone import keep_pandas_out
from collector.storage.clickhouse_server import ServerEngine
from collector.storage.client import Engine, Store
from collector.storage.embedded import EmbeddedEngine
from collector.storage.errors import StoreError
from collector.storage.migrations import migrate


def open_store(url: str | Path) -> Store:
    """Open the store at `url` and bring its tables up to date.

    `url` is `chdb:///absolute/directory` or a plain directory for the embedded engine, or
    `clickhouse://user:password@host:8123/database` for a server (see `ServerEngine` for its options).
    Raises `StoreLocked`, `StoreUnavailable`, `MigrationError`, or `StoreError` for a URL of another kind.
    """
    store = open_unmigrated(url)
    try:
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def open_unmigrated(url: str | Path) -> Store:
    """Open the store at `url` as it is."""
    keep_pandas_out()
    return Store(_engine(str(url)))


def _engine(url: str) -> Engine:
    scheme, separator, _ = url.partition("://")
    if not separator:
        return EmbeddedEngine(Path(url).expanduser())
    if scheme == "clickhouse":
        return ServerEngine(url)
    if scheme == "chdb":
        parts = urlsplit(url)
        if parts.netloc or not parts.path:
            raise StoreError(f"`{url}` names no absolute directory", hint="write chdb:///absolute/directory, with three slashes")
        return EmbeddedEngine(Path(unquote(parts.path)))
    raise StoreError(
        f"`{scheme}` is no kind of store", hint="use chdb:///directory, a plain directory, or clickhouse://user:password@host:8123/database"
    )
