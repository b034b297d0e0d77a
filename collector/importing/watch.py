"""Following log directories as a history server does: what is new, has grown or was renamed is imported again and again.

A log that grew is imported as a whole; rows replace their own earlier versions, so nothing is counted twice. Polling, since
object stores and network file systems tell nobody of changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from collector.eventlog.sources import LogSource, find_logs

Version = tuple[Any, ...]


class Watch:
    """Remembers what of some places was imported, by names, sizes and times of change."""

    def __init__(self, places: Sequence[str | Path]) -> None:
        self._places = places
        self._seen: dict[str, Version] = {}

    def changed(self) -> list[tuple[LogSource, Version]]:
        """Logs that are new or changed, with the version that was seen: what comes later is another version.

        Raises:
            SourceNotFound: a place does not exist, or cannot be reached.
        """
        found = [(source, version) for place in self._places for source in find_logs(place) if (version := _version(source))]
        # A log that was renamed or removed is forgotten, so that the memory of years of watching stays small.
        self._seen = {source.location: seen for source, _ in found if (seen := self._seen.get(source.location))}
        return [(source, version) for source, version in found if self._seen.get(source.location) != version]

    def imported(self, logs: Sequence[tuple[LogSource, Version]]) -> None:
        """Remember versions as done: imported, or skipped for a reason that only a change can remove."""
        self._seen.update({source.location: version for source, version in logs})


def pauses(interval_s: float, sleep: Callable[[float], None] = time.sleep, clock: Callable[[], float] = time.monotonic) -> Iterator[None]:
    """Yields for ever, at most once in `interval_s`; as long a pause as the work took, where that is longer.

    A large log that keeps growing thereby takes up half of the time at most.
    """
    while True:
        started = clock()
        yield
        sleep(max(interval_s, clock() - started))


def _version(source: LogSource) -> Version:
    """The version of a log; empty where it vanished, was renamed or cannot be read since it was found."""
    try:
        return source.version
    except OSError:
        return ()
