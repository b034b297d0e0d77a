"""Translation of the driver's exceptions into the store's own."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from clickhouse_connect.driver.exceptions import DatabaseError, Error, OperationalError

from collector.storage.errors import StoreError, StoreUnavailable

# ClickHouse's error numbers (src/Common/ErrorCodes.cpp) of conditions that pass: the statement itself was fine.
_TRANSIENT = {
    3: "unexpected end of file",
    75: "cannot write to a file",
    159: "time limit reached",
    202: "too many simultaneous queries",
    209: "network time-out",
    210: "network error",
    241: "memory limit reached",
    242: "table is read-only",
    243: "not enough disk space",
    252: "too many parts",
    285: "too few live replicas",
    319: "unknown status of an insert",
    999: "Keeper is not reachable",
}
_NOT_ENOUGH_SPACE = 243
_DISK = {
    errno.ENOSPC: "free some disk space",
    errno.EDQUOT: "free some disk space, or raise the quota",
    errno.EIO: "look at the disk",
    errno.EROFS: "make the disk writable again",
}


@contextmanager
def translated(what: str) -> Iterator[None]:
    """Run a driver call; its failure is raised as `StoreError`, or `StoreUnavailable` where trying again may help."""
    try:
        yield
    except OperationalError as error:
        raise StoreUnavailable(f"{what}: the store did not answer: {error}", hint="check that ClickHouse runs at that URL") from error
    except DatabaseError as error:
        raise _of_database(what, error) from error
    except Error as error:
        raise StoreError(f"{what}: {error}") from error
    except OSError as error:
        told = f"{what}: {error.strerror}" + (f" (`{error.filename}`)" if error.filename else "")
        if error.errno not in _DISK:
            raise StoreError(told, hint="name another data directory: --data DIR") from error
        raise StoreUnavailable(told, hint=_DISK[error.errno]) from error


def _of_database(what: str, error: DatabaseError) -> StoreError:
    code = error.code if isinstance(error.code, int) else None
    if code in _TRANSIENT:
        hint = _DISK[errno.ENOSPC] if code == _NOT_ENOUGH_SPACE else "try again later"
        return StoreUnavailable(f"{what}: {_TRANSIENT[code]}: {error}", hint=hint, code=code)
    if "No space left on device" in str(error):
        return StoreUnavailable(f"{what}: no disk space left: {error}", hint="free some disk space", code=code)
    if "Read-only file system" in str(error):
        return StoreUnavailable(f"{what}: the disk is read-only: {error}", hint="make the disk writable again", code=code)
    return StoreError(f"{what}: {error}", code=code)
