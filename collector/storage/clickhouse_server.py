"""A ClickHouse server or cluster, over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import Error, OperationalError

from collector.storage.engine_settings import READ_SETTINGS
from collector.storage.errors import StoreError, StoreUnavailable
from collector.storage.failures import translated
from collector.storage.targets import SERVER, Target, cluster

CONNECT_TIMEOUT_S = 10
# Longer than the server's own limit on a read, so that the server's answer arrives; an INSERT SELECT may take longer still.
RECEIVE_TIMEOUT_S = int(READ_SETTINGS["max_execution_time"]) + 240
_OPTIONS = frozenset({"cluster", "quorum", "secure"})


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """What the URL of a server says."""

    host: str
    port: int
    secure: bool
    user: str
    password: str = field(repr=False)
    database: str
    target: Target


def server_address(url: str) -> ServerAddress:
    """Read `clickhouse://user:password@host:8123/database?secure=1&cluster=name&quorum=auto`.

    Raises `StoreError` for an unknown option, and `MigrationError` for a cluster or quorum that cannot be.
    """
    parts = urlsplit(url)
    options = _options(parts)
    secure = options.get("secure", "0").lower() in ("1", "true", "yes")
    return ServerAddress(
        host=parts.hostname or "localhost",
        port=parts.port or (8443 if secure else 8123),
        secure=secure,
        user=unquote(parts.username or "default"),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.strip("/")) or "sparkledger",
        target=cluster(options["cluster"], options.get("quorum", "auto")) if "cluster" in options else SERVER,
    )


class ServerEngine:
    """A ClickHouse server or cluster, by a URL that `server_address` reads.

    The database is created where it is missing. With `cluster`, tables are spread over that cluster's shards and replicated within
    them; an insert is acknowledged by `quorum` replicas of its shard (most of them where it says `auto` or nothing).
    """

    def __init__(self, url: str) -> None:
        self._address = server_address(url)
        self._create_database()

    @property
    def target(self) -> Target:
        return self._address.target

    @property
    def database(self) -> str:
        return self._address.database

    @property
    def location(self) -> str:
        return f"clickhouse://{self._address.host}:{self._address.port}/{self._address.database}"

    def connect(self, settings: Mapping[str, Any]) -> Client:
        return self._open(self._address.database, {**self._address.target.session, **settings})

    def insert(self, client: Client, table: str, rows: pa.Table, settings: Mapping[str, Any]) -> None:
        client.insert_arrow(table, rows, settings=dict(settings))

    def close(self) -> None:
        """Nothing to release: the pools close their clients."""

    def _create_database(self) -> None:
        with translated(f"connect to `{self.location}`"):
            client = self._open("default", {})
            try:
                # Asked first, since a user may be allowed to use the database and not to create one.
                if not client.command("EXISTS DATABASE {name:Identifier}", {"name": self._address.database}):
                    client.command(
                        f"CREATE DATABASE IF NOT EXISTS {{name:Identifier}} {self._address.target.on_cluster}",
                        {"name": self._address.database},
                    )
            finally:
                client.close()

    def _open(self, database: str, settings: Mapping[str, Any]) -> Client:
        try:
            return clickhouse_connect.get_client(
                host=self._address.host,
                port=self._address.port,
                interface="https" if self._address.secure else "http",
                username=self._address.user,
                password=self._address.password,
                database=database,
                settings=dict(settings),
                # A session would make the server refuse a second query of the same client.
                autogenerate_session_id=False,
                connect_timeout=CONNECT_TIMEOUT_S,
                send_receive_timeout=RECEIVE_TIMEOUT_S,
            )
        except OperationalError as error:
            raise StoreUnavailable(f"`{self.location}` did not answer: {error}", hint="check that ClickHouse runs there") from error
        except Error as error:
            raise StoreUnavailable(f"`{self.location}` did not let us in: {error}", hint="check the user and the password") from error


def _options(parts: SplitResult) -> dict[str, str]:
    options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
    unknown = sorted(options.keys() - _OPTIONS)
    if "quorum" in options and "cluster" not in options:
        raise StoreError("`quorum` in the store's URL has no `cluster` beside it", hint="a server alone has no replicas to wait for")
    if unknown:
        raise StoreError(f"unknown option `{unknown[0]}` in the store's URL", hint=f"known: {', '.join(sorted(_OPTIONS))}")
    return options
