"""What can go wrong with the store.

StoreError                 a statement failed, or the store was used wrongly
├── StoreLocked            another process (or this one) has the embedded store open
├── StoreUnavailable       not reachable, out of memory or disk, overloaded: the same call may succeed later
│   └── BackPressure       the writer's queue is full; says when to come again
└── MigrationError         the schema and this version of the code do not fit together
"""

from __future__ import annotations


class StoreError(Exception):
    """A statement failed, or the store was used wrongly. `hint` says what to do, `code` is ClickHouse's error number."""

    def __init__(self, message: str, *, hint: str = "", code: int | None = None) -> None:
        super().__init__(message)
        self.hint = hint
        self.code = code


class StoreLocked(StoreError):
    """The embedded store is open elsewhere: it takes one process at a time."""


class StoreUnavailable(StoreError):
    """The store cannot serve now; the same call may succeed later."""


class BackPressure(StoreUnavailable):
    """The writer's queue is full."""

    def __init__(self, message: str, *, retry_after_s: int, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.retry_after_s = retry_after_s


class MigrationError(StoreError):
    """The schema and this version of the code do not fit together."""
