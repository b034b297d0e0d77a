"""What the command line says of a store that it opens itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from sparkledger.cli.errors import CliError

if TYPE_CHECKING:
    from sparkledger.settings import Settings


def own_store(settings: Settings) -> str:
    """Where it is, for people."""
    return str(settings.data_dir) if settings.is_embedded else "the ClickHouse server"


@contextmanager
def own_store_errors(settings: Settings) -> Iterator[None]:
    """Errors of the store become those of the command line."""
    from collector.storage import StoreError, StoreLocked

    try:
        yield
    except StoreLocked as error:
        hint = "another process works on it: wait for it, or name its server with --server URL"
        raise CliError(f"the data directory `{settings.data_dir}` is in use", hint=hint) from error
    except StoreError as error:
        raise CliError(str(error), hint=error.hint) from error
