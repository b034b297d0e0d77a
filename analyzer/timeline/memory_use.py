"""How much of the memory that an application paid for it used: allocated, at the peak, and on average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from analyzer.timeline.history import ExecutorLives
from collector.storage import Store, load_sql

GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class MemoryUse:
    """Sums over executors of bytes times lifetime, in GB-seconds (GB = 2^30 bytes). Used is at most allocated, average at most peak."""

    allocated_gb_s: float
    reported_gb_s: float
    """The part of it in executors that reported their use; the two below are of these executors only."""
    peak_gb_s: float
    """As if each executor had used its greatest peak for all its life."""
    mean_gb_s: float
    """By the means of the peaks of tasks' windows: an upper bound of the true average, since a window's peak includes garbage."""
    executors: int
    executors_reporting: int


def read_memory_use(store: Store, app_id: str, attempt_id: str, lives: ExecutorLives) -> MemoryUse:
    """The memory use of an application whose executors are known."""
    rows = store.rows(load_sql(__file__, "memory_use"), {"app_id": app_id, "attempt_id": attempt_id})
    return memory_use(lives, {row["executor_id"]: (row["peak_bytes"], row["mean_bytes"]) for row in rows})


def memory_use(lives: ExecutorLives, used_bytes: Mapping[str, tuple[float, float]]) -> MemoryUse:
    """`used_bytes` is peak and mean by executor id, of executors that reported any."""
    allocated = reported = at_peak = on_average = 0.0
    reporting = 0
    for place, executor_id in enumerate(lives.ids):
        life_s = float(lives.removed_ms[place] - lives.added_ms[place]) / 1000
        given = float(lives.memory_bytes[place])
        allocated += given * life_s
        if executor_id in used_bytes:
            peak, mean = used_bytes[executor_id]
            reporting += 1
            reported += given * life_s
            at_peak += min(given, peak) * life_s
            on_average += min(given, peak, mean) * life_s
    return MemoryUse(allocated / GIB, reported / GIB, at_peak / GIB, on_average / GIB, len(lives.ids), reporting)
