"""What is in the store already, as far as an import must know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from collector.eventlog.identity import Identity
from collector.storage import Store, load_sql


@dataclass(frozen=True, slots=True)
class KnownLog:
    """A log that was imported before."""

    identity: Identity
    events: int
    bad_lines: int
    unknown_events: int
    complete: bool
    first_error: str


class Catalog(Protocol):
    """The questions that an import asks."""

    @property
    def opening(self) -> bool:
        """Whether a question would have to wait until the store is open."""

    def known_log(self, digest: str) -> KnownLog | None:
        """The import of a log with this content, or None."""

    def start_ms(self, identity: Identity) -> int | None:
        """When this attempt started, in milliseconds since 1970; None where no start is known."""


class StoreCatalog:
    """The catalog of a store."""

    opening = False

    def __init__(self, store: Store) -> None:
        self._store = store

    def known_log(self, digest: str) -> KnownLog | None:
        """See `Catalog`."""
        rows = self._store.rows(load_sql(__file__, "known_log"), {"batch_id": digest})
        return None if not rows else _known(**rows[0])

    def start_ms(self, identity: Identity) -> int | None:
        """See `Catalog`."""
        rows = self._store.rows(load_sql(__file__, "application_start"), {"app_id": identity.app_id, "attempt_id": identity.attempt_id})
        return int(rows[0]["start_ms"]) if rows else None


def _known(*, app_id: str, attempt_id: str, events: int, bad_lines: int, unknown_events: int, complete: bool, first_error: str) -> KnownLog:
    return KnownLog(Identity(app_id, attempt_id), events, bad_lines, unknown_events, bool(complete), first_error)
