"""Reading who an application is and what it was given."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analyzer.cost.executor_memory import executor_memory, parse_bytes
from analyzer.cost.price import ExecutorUse
from analyzer.profiles.platform import is_local, platform_of
from collector.storage import Store, load_sql

Row = Mapping[str, Any]
DRIVER = "driver"
_LOCAL_CORES = re.compile(r"^local\[(\d+)")


class ApplicationNotFound(LookupError):
    """The store holds no event of that application attempt."""


@dataclass(frozen=True, slots=True)
class Header:
    """Who an application is; times are Unix ms, of the store's events only."""

    app_id: str
    attempt_id: str
    name: str
    user: str
    spark_version: str
    platform: str
    conf: Mapping[str, str]
    started_ms: int | None
    ended_ms: int | None
    exit_code: int | None
    first_seen_ms: int
    last_seen_ms: int

    @property
    def ended(self) -> bool:
        return self.ended_ms is not None

    @property
    def start_ms(self) -> int:
        """The start; the first event where the start was never seen."""
        return self.first_seen_ms if self.started_ms is None else self.started_ms

    @property
    def end_ms(self) -> int:
        """The end; the last event where there is none. Never before the start."""
        return max(self.start_ms, self.last_seen_ms if self.ended_ms is None else self.ended_ms)


@dataclass(frozen=True, slots=True)
class Executor:
    """One executor's life within the application; in local mode the driver."""

    executor_id: str
    cores: int
    added: bool
    """Whether its addition was seen; where it was not, its life and cores are the least that its tasks show."""
    cores_known: bool
    """Whether its addition or a setting tells its cores."""
    added_ms: int
    removed_ms: int
    """The application's end where it was never removed."""
    removed: bool
    removed_reason: str
    memory_bytes: int
    """With overhead, off-heap and Python memory."""
    heap_bytes: int
    task_ends: int
    busy_ms: int

    @property
    def lifetime_ms(self) -> int:
        return max(0, self.removed_ms - self.added_ms)

    @property
    def use(self) -> ExecutorUse:
        return ExecutorUse(self.lifetime_ms, self.cores, self.memory_bytes)


def read_header(store: Store, app_id: str, attempt_id: str) -> Header:
    """Who the application is; ApplicationNotFound where the store holds no event of it."""
    key = {"app_id": app_id, "attempt_id": attempt_id}
    row = store.rows(load_sql(__file__, "header"), key)[0]
    if row["first_seen_ms"] is None:
        raise ApplicationNotFound(f"no events of application `{app_id}`, attempt `{attempt_id}`: expected an imported log or a live run")
    conf = {r["key"]: r["value"] for r in store.rows(load_sql(__file__, "configuration"), key)}
    version = row["spark_version"] or ""
    return Header(
        app_id=app_id,
        attempt_id=attempt_id,
        name=row["name"] or "",
        user=row["user"] or "",
        spark_version=version,
        platform=platform_of(conf, version, app_id),
        conf=conf,
        started_ms=row["started_ms"],
        ended_ms=row["ended_ms"],
        exit_code=row["exit_code"],
        first_seen_ms=row["first_seen_ms"],
        last_seen_ms=row["last_seen_ms"],
    )


def read_executors(store: Store, header: Header) -> list[Executor]:
    """Executors that ran tasks or could have; see `executors_of`."""
    return executors_of(header, store.rows(load_sql(__file__, "executors"), {"app_id": header.app_id, "attempt_id": header.attempt_id}))


def executors_of(header: Header, rows: Sequence[Row]) -> list[Executor]:
    """Executors that ran tasks or could have, from rows of `executors.sql`: all but the driver; it alone where it ran the tasks itself."""
    drivers = [row for row in rows if row["executor_id"] == DRIVER]
    others = [row for row in rows if row["executor_id"] != DRIVER]
    # Local mode never announces another executor than the driver, so one that was announced tells more than `spark.master`, which a log
    # may carry from elsewhere. A single-node Databricks cluster is in local mode, too.
    local = is_local(header.platform) and all(row["added_ms"] is None for row in others)
    if local or (drivers and not others):
        return [_local_driver(header, drivers or others)]
    return [_executor(header, row) for row in others]


def _executor(header: Header, row: Row) -> Executor:
    memory = executor_memory(header.conf, header.platform, row)
    added = (row["first_launch_ms"] or header.start_ms) if row["added_ms"] is None else row["added_ms"]
    removed = header.end_ms if row["removed_ms"] is None else row["removed_ms"]
    return Executor(
        executor_id=row["executor_id"],
        cores=row["total_cores"] or _least_cores(header, row),
        added=row["added_ms"] is not None,
        cores_known=bool(row["total_cores"]) or "spark.executor.cores" in header.conf,
        added_ms=added,
        removed_ms=removed,
        removed=row["removed_ms"] is not None,
        removed_reason=row["removed_reason"],
        memory_bytes=memory.total_bytes,
        heap_bytes=memory.heap_bytes,
        task_ends=row["task_ends"],
        busy_ms=row["busy_ms"],
    )


def _least_cores(header: Header, row: Row) -> int:
    """Cores of an executor whose addition was never seen: as configured, else what its tasks held on average."""
    configured = header.conf.get("spark.executor.cores", "")
    if configured.isdigit() and int(configured) > 0:
        return int(configured)
    return _cores_held(row)


def _cores_held(row: Row) -> int:
    """Cores that the tasks of an executor held on average while it had any; 1 without tasks."""
    active_ms: int = max(1, row["last_finish_ms"] - row["first_launch_ms"])
    return max(1, math.ceil(int(row["busy_ms"]) / active_ms))


def _local_driver(header: Header, rows: Sequence[Row]) -> Executor:
    row = rows[0] if rows else {}
    told = int(row.get("total_cores") or 0) or _named_cores(header.conf.get("spark.master", ""))
    # The first releases announced no executor in local mode, so what `local[*]` took there only the tasks show.
    cores = told or (_cores_held(row) if row else 1)
    heap = parse_bytes(header.conf.get("spark.driver.memory")) or 1 << 30
    return Executor(
        executor_id=DRIVER,
        cores=cores,
        added=True,
        cores_known=told > 0,
        added_ms=header.start_ms,
        removed_ms=header.end_ms,
        removed=False,
        removed_reason="",
        memory_bytes=heap,
        heap_bytes=heap,
        task_ends=int(row.get("task_ends") or 0),
        busy_ms=int(row.get("busy_ms") or 0),
    )


def _named_cores(master: str) -> int:
    """Cores that `local` (1) and `local[4]` (4) name; 0 for `local[*]` and anything else."""
    named = _LOCAL_CORES.match(master)
    return int(named[1]) if named else int(master == "local")


def peak_executors(executors: Sequence[Executor]) -> int:
    """The most executors alive at one time, each for a millisecond at least; at equal times a removal counts before an addition."""
    changes = sorted([(e.added_ms, 1) for e in executors] + [(max(e.removed_ms, e.added_ms + 1), -1) for e in executors])
    alive = peak = 0
    for _, change in changes:
        alive += change
        peak = max(peak, alive)
    return peak
