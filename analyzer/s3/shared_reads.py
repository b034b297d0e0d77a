"""The same files read by several applications: the repeats are all reads but the largest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from analyzer.rules.storage.places import is_remote

LEAST_READ_SHARE = 0.1
"""Bytes that tasks read over the files' size; a count or a preview reads less and is no repeat."""


@dataclass(frozen=True, slots=True)
class Read:
    """One scan of one application."""

    run: tuple[str, str]
    """Application and attempt."""
    pipeline: str
    started_ms: int
    location: str
    files: int
    size_bytes: int
    partition_filters: str
    read_bytes: float
    """Of these files, as its execution's reading stages tell; at most where `counted` is false."""
    run_ms: float
    """Executor run time of that, with all else that the stages did."""
    counted: bool = True
    """Whether Spark counted its bytes."""


@dataclass(frozen=True, slots=True)
class SharedRead:
    """One set of files (the same location, number of files and bytes after partition pruning) and who read it."""

    reads: Sequence[Read]
    """Largest first."""

    @property
    def runs(self) -> int:
        return len({read.run for read in self.reads})

    @property
    def pipelines(self) -> list[str]:
        return sorted({read.pipeline for read in self.reads})

    @property
    def counted(self) -> bool:
        return all(read.counted for read in self.reads)

    @property
    def again_bytes(self) -> float:
        """All reads but the largest."""
        return sum(read.read_bytes for read in self.reads[1:])

    @property
    def again_task_ms(self) -> float:
        """The most that the repeats' reading took: their bytes at the pace of the fastest read."""
        return self.again_bytes * min(read.run_ms / read.read_bytes for read in self.reads)


def shared_reads(reads: Iterable[Read]) -> list[SharedRead]:
    """Files that at least two applications read, those with most bytes read again first; a local disk is not judged."""
    groups: defaultdict[tuple[str, int, int], list[Read]] = defaultdict(list)
    for read in reads:
        if read.files > 0 and is_remote(read.location) and read.read_bytes > LEAST_READ_SHARE * read.size_bytes:
            groups[(read.location, read.files, read.size_bytes)].append(read)
    shared = [SharedRead(sorted(group, key=lambda r: (-r.read_bytes, r.started_ms, r.run))) for group in groups.values()]
    return sorted((s for s in shared if s.runs > 1), key=lambda s: (-s.again_bytes, s.reads[0].location))
