"""chDB: ClickHouse inside this process, with its data in a directory of ours.

DIRECTORY/
  lock          held by the one process that has the store open; its number inside
  engine.xml    the engine's configuration, written at every start
  db/           the engine's data
  tmp/          rows on their way into an insert; wiped at every start
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.binding import quote_identifier
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ProgrammingError

from collector.storage.directory_lock import DirectoryLock
from collector.storage.errors import StoreError, StoreLocked, StoreUnavailable
from collector.storage.failures import translated
from collector.storage.memory import usable_memory_bytes
from collector.storage.targets import CHDB, Target

DATABASE = "sparkledger"
MARK_CACHE_BYTES = 256 << 20
MEMORY_SHARE = 0.5
MEMORY_WORKER_PERIOD_MS = 1000
"""The engine looks at its resident memory that often. As often as it does by itself, the looks are most of what it costs while idle."""


class EmbeddedEngine:
    """The embedded engine over one directory, which it locks against other processes until it is closed.

    Raises `StoreLocked` where the directory is in use, `StoreUnavailable` where chDB is not installed.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory.absolute()
        self._data = self._directory / "db"
        self._tmp = self._directory / "tmp"
        self._config = self._directory / "engine.xml"
        with translated(f"open `{self._directory}`"):
            self._data.mkdir(parents=True, exist_ok=True)
            self._lock = DirectoryLock(self._directory / "lock")
            self._lock.acquire()
        try:
            self._prepare()
            self._first = self._open("default", {})
            with translated("create the database"):
                self._first.command(f"CREATE DATABASE IF NOT EXISTS {DATABASE} ENGINE = Atomic")
        except BaseException:
            self._lock.release()
            raise

    @property
    def target(self) -> Target:
        return CHDB

    @property
    def database(self) -> str:
        return DATABASE

    @property
    def location(self) -> str:
        return str(self._directory)

    def connect(self, settings: Mapping[str, Any]) -> Client:
        return self._open(DATABASE, settings)

    def insert(self, client: Client, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        """Insert by way of a file in our own directory, which a kill leaves behind for the next start to wipe.

        (The driver's `insert_arrow` does the same through the process-wide temporary directory, which nobody wipes.)
        """
        columns = ", ".join(quote_identifier(name) for name in rows.column_names)
        clause = ", ".join(f"{name} = '{value}'" for name, value in settings.items())
        with tempfile.NamedTemporaryFile(dir=self._tmp, suffix=".arrow") as file:
            with pa.OSFile(file.name, "wb") as sink, pa.ipc.new_file(sink, rows.schema) as writer:
                writer.write_table(rows)
            path = file.name.replace("\\", "\\\\").replace("'", "\\'")
            client.command(f"INSERT INTO {quote_identifier(table)} ({columns}) FROM INFILE '{path}' SETTINGS {clause} FORMAT Arrow")

    def close(self) -> None:
        """Stop the engine once every other client is closed, and let others open the directory."""
        self._first.close()
        self._lock.release()

    def _prepare(self) -> None:
        with translated(f"prepare `{self._directory}`"):
            shutil.rmtree(self._tmp, ignore_errors=True)
            self._tmp.mkdir()
            self._config.write_text(_engine_config(self._tmp), encoding="utf-8")

    def _open(self, database: str, settings: Mapping[str, Any]) -> Client:
        try:
            return clickhouse_connect.get_client(
                interface="chdb",
                path=str(self._data),
                database=database,
                settings=dict(settings),
                # Without a file of our own the engine reads a `config.xml` that happens to lie in the working directory.
                chdb_options={"config-file": str(self._config)},
            )
        except ImportError as error:
            raise StoreUnavailable("chDB is not installed", hint="pip install 'sparkledger[embedded]'") from error
        except ProgrammingError as error:
            raise self._refusal(error) from error

    def _refusal(self, error: ProgrammingError) -> StoreError:
        text = str(error)
        if "already initialized with path" in text:
            return StoreLocked(
                f"this process has another embedded store open, so `{self._directory}` cannot be opened",
                hint="close the other store first: chDB opens one at a time",
            )
        if "Error initializing EmbeddedServer" in text:
            # The engine gives its reason on stderr only; nearly always it is its own lock on the data.
            return StoreLocked(
                f"another process owns the store in `{self._directory}`",
                hint="stop the other process, or talk to it over HTTP; the engine's own words are on stderr",
            )
        return StoreError(f"chDB could not open `{self._directory}`: {text}")


def _engine_config(tmp: Path) -> str:
    settings = {
        "max_server_memory_usage": int(usable_memory_bytes() * MEMORY_SHARE),
        "mark_cache_size": MARK_CACHE_BYTES,
        "memory_worker_period_ms": MEMORY_WORKER_PERIOD_MS,
        "user_files_path": f"{tmp}{os.sep}",
    }
    lines = "".join(f"  <{name}>{escape(str(value))}</{name}>\n" for name, value in settings.items())
    return f"<clickhouse>\n{lines}  <logger><level>none</level><console>false</console></logger>\n</clickhouse>\n"
