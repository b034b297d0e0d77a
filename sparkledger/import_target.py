"""Where the rows of an import go: over HTTP to the server that owns the store, or straight into a store that is opened here.

Straight, since mounting the whole application takes longer than decoding a log of a hundred megabytes. What ends up in the tables is the
same: the API hands batches to the same writer. Findings are made when somebody asks for them, or by the server that starts next.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sparkledger.own_store import own_store, own_store_errors
from sparkledger.server_file import read_server_file

if TYPE_CHECKING:
    from collector.importing import Catalog, Sink
    from sparkledger.connection import Connection
    from sparkledger.settings import Settings


@dataclass(frozen=True, slots=True)
class ImportTarget:
    """A sink, and what is known of what it holds."""

    sink: Sink
    catalog: Catalog
    where: str
    """For people: the address of the server, or the data directory."""


@contextmanager
def import_target(settings: Settings, server: str | None = None) -> Iterator[ImportTarget]:
    """The named server, the one that runs on the data directory, or the store itself, which is still being opened then.

    Raises:
        CliError: nothing answers at the named server, or the store cannot be opened or fails.
    """
    connected = _connected(settings, server)
    if connected is not None:
        with connected as api, target_over_http(api) as target:
            yield target
        return
    from collector.importing.opening import OpeningStore
    from collector.storage import open_store

    with own_store_errors(settings), OpeningStore(lambda: open_store(settings.effective_store_url)) as store:
        yield ImportTarget(store, store, own_store(settings))


@contextmanager
def target_over_http(api: Connection) -> Iterator[ImportTarget]:
    """The ledger behind a connection."""
    from sparkledger.import_over_http import HttpCatalog, HttpSink

    with HttpSink(api) as sink:
        yield ImportTarget(sink, HttpCatalog(api), api.where)


def _connected(settings: Settings, server: str | None) -> Connection | None:
    if server is None and read_server_file(settings.data_dir) is None:
        return None
    from sparkledger.connection import connect_to_server

    return connect_to_server(settings, server)
