"""List scheduling: how long a stage takes when each task goes, in order, to the slot that is free first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

MOST_PIECES = 200_000
"""Into which the long tasks of a stage are cut: where the others run for a millisecond, an hour would become millions."""


def makespan_ms(durations_ms: Iterable[float], slots: int) -> float:
    """The time from the first launch to the last finish of tasks run in this order on `slots` slots."""
    if slots < 1:
        raise ValueError(f"cannot schedule on {slots} slots: expected one or more")
    free_at, replace = [0.0] * slots, heapq.heapreplace
    for duration in durations_ms:
        replace(free_at, free_at[0] + duration)
    return max(free_at)


def peak_concurrency(launches_ms: Sequence[int], durations_ms: Sequence[int]) -> int:
    """The most tasks that ran at one time; at equal times a finish counts before a launch."""
    launches = np.asarray(launches_ms, dtype=np.int64)
    finishes = launches + np.asarray(durations_ms, dtype=np.int64)
    changes = np.sort(np.concatenate([launches * 2 + 1, finishes * 2]))
    return max(0, int(np.cumsum((changes & 1) * 2 - 1).max(initial=0)))


def split_tasks(durations_ms: Sequence[float] | npt.NDArray[np.float64], piece_ms: float, longer_than_ms: float) -> list[float]:
    """The tasks with each one over `longer_than_ms` cut into equal pieces of about `piece_ms`; the sum of work is kept.

    Longer pieces where there would be more than `MOST_PIECES`.
    """
    durations = np.asarray(durations_ms, dtype=np.float64)
    pieces = np.ones(len(durations), np.int64)
    if piece_ms > 0:
        long = durations > longer_than_ms
        piece_ms = max(piece_ms, float(durations[long].sum()) / MOST_PIECES)
        pieces = np.where(long, np.maximum(1, np.rint(durations / piece_ms)), 1).astype(np.int64)
    result: list[float] = np.repeat(durations / pieces, pieces).tolist()
    return result
