"""A ClickHouse server or cluster, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error

from collector.storage.engine_settings import READ_SETTINGS
from collector.storage.errors import StoreError, StoreUnavailable
from collector.storage.failures import translated
from collector.storage.targets import SERVER, Target, cluster

CONNECT_TIMEOUT_S = 10
# Longer than the server's own limit on a read, so that the server's answer arrives; an INSERT SELECT may take longer still.
RECEIVE_TIMEOUT_S = int(READ_SETTINGS["max_execution_time"]) + 240
_OPTIONS = frozenset({"cluster", "secure"})


class ServerEngine:
    """A ClickHouse server, by `clickhouse://user:password@host:8123/database?secure=1&cluster=name`.

    The database is created where it is missing. With `cluster`, tables are replicated over that cluster's replicas.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        options = _options(parts)
        self._host = parts.hostname or "localhost"
        self._secure = options.get("secure", "0").lower() in ("1", "true", "yes")
        self._port = parts.port or (8443 if self._secure else 8123)
        self._user = unquote(parts.username or "default")
        self._password = unquote(parts.password or "")
        self._database = unquote(parts.path.strip("/")) or "sparkledger"
        self._target = cluster(options["cluster"]) if "cluster" in options else SERVER
        self._create_database()

    @property
    def target(self) -> Target:
        return self._target

    @property
    def database(self) -> str:
        return self._database

    @property
    def location(self) -> str:
        return f"clickhouse://{self._host}:{self._port}/{self._database}"

    def connect(self, settings: Mapping[str, Any]) -> Client:
        return self._open(self._database, settings)

    def insert(self, client: Client, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        client.insert_arrow(table, rows, settings=dict(settings))

    def close(self) -> None:
        """Nothing to release: the pools close their clients."""

    def _create_database(self) -> None:
        with translated(f"connect to `{self.location}`"):
            client = self._open("default", {})
            try:
                # Asked first, since a user may be allowed to use the database and not to create one.
                if not client.command("EXISTS DATABASE {name:Identifier}", {"name": self._database}):
                    client.command(f"CREATE DATABASE IF NOT EXISTS {{name:Identifier}} {self._target.on_cluster}", {"name": self._database})
            finally:
                client.close()

    def _open(self, database: str, settings: Mapping[str, Any]) -> Client:
        try:
            return clickhouse_connect.get_client(
                host=self._host,
                port=self._port,
                interface="https" if self._secure else "http",
                username=self._user,
                password=self._password,
                database=database,
                settings=dict(settings),
                # A session would make the server refuse a second query of the same client.
                autogenerate_session_id=False,
                connect_timeout=CONNECT_TIMEOUT_S,
                send_receive_timeout=RECEIVE_TIMEOUT_S,
            )
        except Error as error:
            raise StoreUnavailable(
                f"`{self.location}` did not let us in: {error}", hint="check the address, the user and the password"
            ) from error


def _options(parts: SplitResult) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(options.keys() - _OPTIONS)
    if unknown:
        raise StoreError(f"unknown option `{unknown[0]}` in the store's URL", hint=f"known: {', '.join(sorted(_OPTIONS))}")
    return options
