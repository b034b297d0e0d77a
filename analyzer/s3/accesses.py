"""Scans and writes, the stage attempts that ran them, and what part of a stage each of them is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from analyzer.rules.storage.counted import read_bytes

StageKey = tuple[int, int]
"""Stage id and attempt."""
OPEN_COST_BYTES = 4 << 20
"""What a file weighs beside its bytes (Spark's `spark.sql.files.openCostInBytes`)."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage attempt that read input or wrote output."""

    key: StageKey
    name: str
    tasks: int
    """Task ends."""
    wait_ms: int
    """What its tasks neither computed nor collected garbage nor fetched shuffle data, summed; 0 where Spark reports no CPU time."""
    input_bytes: int
    output_bytes: int
    sql_execution_id: int
    """-1 for none."""
    path: str
    """Of an RDD on S3; empty for none."""
    reads_files: bool
    """False where its input can only come from a cache."""


@dataclass(frozen=True, slots=True, eq=False)
class Access:
    """One scan, or one write command."""

    place: str
    writes: bool
    execution_id: int
    files: int
    """0 where they are not known, as for RDDs."""
    size_bytes: int
    partitions: int
    """Of the table, that were read or written; 0 where it has none."""
    file_format: str = ""
    columns: int = 0
    stages: tuple[StageKey, ...] = ()
    """That reported a metric of it; empty where none did."""
    uncounted_splits: float = 0.0
    """The fewest splits of a scan whose bytes may not have been counted; 0 where they were."""

    @property
    def weight(self) -> float:
        """What tells it from others in the same stage."""
        return self.size_bytes + self.files * OPEN_COST_BYTES + 1.0

    def read_bytes(self, tasks: float, counted_bytes: float) -> float:
        """What so many tasks read of it, at most where that was not counted."""
        return read_bytes(counted_bytes, self.size_bytes, tasks, self.uncounted_splits)


@dataclass(frozen=True, slots=True)
class Part:
    """What one access is of one stage attempt: a share (0 to 1) of its reads, or of its writes, and of its waiting."""

    access: Access
    stage: Stage
    share: float
    wait_share: float


def parts_of_stages(stages: Sequence[Stage], accesses: Sequence[Access]) -> list[Part]:
    """Every access in every stage attempt that ran it. The wait shares of a stage sum to 1.

    An access belongs to the stages that reported its metrics, else to the stages of its execution that read files (or wrote) and
    are tied to no other scan. A stage over files on S3 without a plan is an access of its own.
    """
    ran: defaultdict[StageKey, list[Access]] = defaultdict(list)
    by_key = {stage.key: stage for stage in stages}
    for access in accesses:
        for key in access.stages:
            if key in by_key:
                ran[key].append(access)
    tied = set(ran)
    by_execution: defaultdict[int, list[Stage]] = defaultdict(list)
    for stage in stages:
        by_execution[stage.sql_execution_id].append(stage)
    for access in accesses:
        for stage in () if access.stages else by_execution[access.execution_id]:
            if stage.output_bytes > 0 if access.writes else stage.input_bytes > 0 and stage.reads_files and stage.key not in tied:
                ran[stage.key].append(access)
    for stage in stages:
        if stage.path and stage.key not in ran:
            ran[stage.key].append(Access(stage.path, False, stage.sql_execution_id, 0, stage.input_bytes, 0))
    return list(_parts(ran, by_key))


def _parts(ran: Mapping[StageKey, Sequence[Access]], by_key: Mapping[StageKey, Stage]) -> Iterator[Part]:
    for key, accesses in ran.items():
        stage = by_key[key]
        weights = {writes: sum(a.weight for a in accesses if a.writes == writes) for writes in (True, False)}
        shares = [(a, a.weight / weights[a.writes]) for a in accesses]
        read = sum(a.read_bytes(stage.tasks * share, stage.input_bytes * share) for a, share in shares if not a.writes)
        moved_bytes = {True: stage.output_bytes + 1.0, False: read + 1.0}
        whole = sum(moved_bytes[writes] for writes in (True, False) if weights[writes])
        for access, share in shares:
            yield Part(access, stage, share, share * moved_bytes[access.writes] / whole)
