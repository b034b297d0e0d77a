"""A lock that says who holds it."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from collector.storage.errors import StoreLocked


class DirectoryLock:
    """An exclusive lock on a file. The kernel lets it go when the process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock and note our process number in it. Raises `StoreLocked` where somebody holds it."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.read(descriptor, 32).decode("ascii", "replace").strip()
            os.close(descriptor)
            raise self._refusal(owner) from error
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._descriptor = descriptor

    def release(self) -> None:
        """Let the lock go; doing so twice is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _refusal(self, owner: str) -> StoreLocked:
        directory = self._path.parent
        if owner == str(os.getpid()):
            return StoreLocked(f"this process has the store in `{directory}` open already", hint="use the store that is open, or close it")
        return StoreLocked(
            f"another process owns the store in `{directory}` (process {owner or 'unknown'})",
            hint="stop that process, or talk to it over HTTP: an embedded store takes one process at a time",
        )
