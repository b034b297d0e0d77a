"""How an import tells where it is."""

from __future__ import annotations

from typing import Protocol

from collector.eventlog.sources import LogSource
from collector.importing.result import ImportedLog


class Progress(Protocol):
    """Callbacks in the importing thread; bytes are compressed bytes, so that they add up to the files' sizes.

    A log may be started before the one before it is finished.
    """

    def found(self, sources: list[LogSource]) -> None:
        """Before the first log: all logs, with their sizes."""

    def started(self, source: LogSource) -> None:
        """A log is read from now on."""

    def read(self, size_bytes: int) -> None:
        """So many more bytes were read; those of a plain log on disk are when they are decoded."""

    def finished(self, log: ImportedLog) -> None:
        """The log is done, or skipped."""


class Silent:
    """Progress for nobody."""

    def found(self, sources: list[LogSource]) -> None: ...
    def started(self, source: LogSource) -> None: ...
    def read(self, size_bytes: int) -> None: ...
    def finished(self, log: ImportedLog) -> None: ...
