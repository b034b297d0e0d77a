"""The store: one way to insert and query, whichever ClickHouse is behind it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any, Protocol

import pyarrow as pa
from clickhouse_connect.driver.client import Client

from collector.storage.client_pool import ClientPool
from collector.storage.clock import steady_now
from collector.storage.engine_settings import READ_SETTINGS, insert_settings
from collector.storage.errors import StoreError
from collector.storage.failures import translated
from collector.storage.targets import Target

RECEIVED_AT = "received_at"
_HAS_COLUMN = """
    SELECT count() > 0 AS found
    FROM system.columns
    WHERE database = {database:String} AND table = {table:String} AND name = {column:String}
"""


class Engine(Protocol):
    """Where the store lives: an embedded engine in a directory, or a server."""

    @property
    def target(self) -> Target: ...
    @property
    def database(self) -> str: ...
    @property
    def location(self) -> str:
        """For people: a directory or an address, never a password."""
        ...

    def connect(self, settings: Mapping[str, Any]) -> Client:
        """Open a client that starts in the store's database."""
        ...

    def insert(self, client: Client, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        """Insert rows; they are durable when this returns."""
        ...

    def close(self) -> None: ...


class Store:
    """Inserts and queries. Safe to use from many threads; never across a fork, where the embedded engine would hang.

    Every query is constant SQL; values go in as typed server-side parameters (`{app_id:String}`).
    Enum columns come back as their numbers: select `toString(column)` for their names.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._process_id = os.getpid()
        self._stamps: dict[str, bool] = {}
        self._readers = ClientPool(lambda: engine.connect(READ_SETTINGS))
        self._writers = ClientPool(lambda: engine.connect({}))

    @property
    def target(self) -> Target:
        """The kind of ClickHouse behind this store, which the SQL of migrations depends on."""
        return self._engine.target

    @property
    def database(self) -> str:
        return self._engine.database

    @property
    def location(self) -> str:
        """Where the data is, for people; holds no password."""
        return self._engine.location

    def insert(self, table: str, rows: pa.Table) -> None:
        """Insert rows into a table; they survive a kill of this process once this returns.

        `received_at` is added where the table has it and the rows lack it. Other columns that the rows lack take the table's defaults.
        """
        if rows.num_rows == 0:
            return
        if RECEIVED_AT not in rows.column_names and self._is_stamped(table):
            rows = _stamped(rows)
        with self._lend(self._writers, f"insert into `{table}`") as client:
            self._engine.insert(client, table, rows.combine_chunks(), insert_settings(client.server_settings))

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None) -> pa.Table:
        """Run a SELECT and return its result; an empty result keeps its columns. `settings` are the engine's, for this query."""
        with self._lend(self._readers, "query") as client:
            return client.query_arrow(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))

    def rows(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        """Run a SELECT and return one dict a row; a Map column becomes a dict."""
        table = self.query(sql, parameters)
        result: list[dict[str, Any]] = table.to_pylist(maps_as_pydicts="lossy")
        return result

    def command(self, sql: str, parameters: Mapping[str, Any] | None = None) -> None:
        """Run one statement that returns nothing: DDL, INSERT SELECT, OPTIMIZE."""
        with self._lend(self._writers, "statement") as client:
            client.command(sql, parameters=dict(parameters or {}))

    def close(self) -> None:
        """Release the clients and, for the embedded engine, the directory. Closing twice is fine."""
        self._readers.close()
        self._writers.close()
        self._engine.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _is_stamped(self, table: str) -> bool:
        if table not in self._stamps:
            found = self.rows(_HAS_COLUMN, {"database": self.database, "table": table, "column": RECEIVED_AT})
            self._stamps[table] = bool(found[0]["found"])
        return self._stamps[table]

    @contextmanager
    def _lend(self, pool: ClientPool, what: str) -> Iterator[Client]:
        if os.getpid() != self._process_id:
            raise StoreError("the store was opened before this process forked", hint="open it in the process that uses it, or spawn")
        with translated(what), pool.client() as client:
            yield client


def _stamped(rows: pa.Table) -> pa.Table:
    kind = pa.timestamp("ms", "UTC")
    now = pa.scalar(steady_now(), kind)
    return rows.append_column(RECEIVED_AT, pa.repeat(now, rows.num_rows))
