"""The kinds of store that one body of tests runs against."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from collector.storage import Store
from tests.support.docker import clickhouse_container
from tests.support.processes import clickhouse_shim

KINDS = ("chdb", "http", "server")
SERVER_URL = "SPARKLEDGER_TEST_CLICKHOUSE_URL"
"""Of a server that tests may fill: clickhouse://user:password@host:8123, without a database."""


_TABLES_WITH_ROWS = """
    SELECT name
    FROM system.tables
    WHERE database = {database:String} AND engine LIKE '%MergeTree' AND total_rows > 0 AND name != 'schema_migrations'
    ORDER BY name
"""


def emptied(store: Store) -> Store:
    """The store without rows: for the next test, at a fraction of the cost of a new one."""
    for row in store.rows(_TABLES_WITH_ROWS, {"database": store.database}):
        store.command(f"TRUNCATE TABLE {row['name']}")
    return store


@contextmanager
def store_url(kind: str, directory: Path) -> Iterator[str]:
    """A URL of an empty store of this kind; skips where that kind cannot be had.

    `chdb` is the embedded engine, `http` ClickHouse's protocol over chDB, `server` the one that the environment names or
    one in a container.
    """
    if kind == "chdb":
        yield f"chdb://{directory / 'store'}"
    elif kind == "http":
        with clickhouse_shim(directory / "shim") as port:
            yield f"clickhouse://127.0.0.1:{port}/ledger"
    elif SERVER_URL in os.environ:
        yield f"{os.environ[SERVER_URL].rstrip('/')}/test_{uuid.uuid4().hex}"
    else:
        with clickhouse_container() as url:
            yield f"{url}/test_{uuid.uuid4().hex}"
