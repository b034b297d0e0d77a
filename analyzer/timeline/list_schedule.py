"""List scheduling: how long a stage takes when each task goes, in order, to the slot that is free first."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence


def makespan_ms(durations_ms: Iterable[float], slots: int) -> float:
    """The time from the first launch to the last finish of tasks run in this order on `slots` slots."""
    if slots < 1:
        raise ValueError(f"cannot schedule on {slots} slots: expected one or more")
    free_at: list[float] = [0.0] * slots
    end = 0.0
    for duration in durations_ms:
        finish = heapq.heappop(free_at) + duration
        heapq.heappush(free_at, finish)
        end = max(end, finish)
    return end


def peak_concurrency(launches_ms: Sequence[int], durations_ms: Sequence[int]) -> int:
    """The most tasks that ran at one time; at equal times a finish counts before a launch."""
    changes = sorted([(launch, 1) for launch in launches_ms] + [(a + d, -1) for a, d in zip(launches_ms, durations_ms, strict=True)])
    running = peak = 0
    for _, change in changes:
        running += change
        peak = max(peak, running)
    return peak


def split_tasks(durations_ms: Sequence[float], piece_ms: float, longer_than_ms: float) -> list[float]:
    """The tasks with each one over `longer_than_ms` cut into equal pieces of about `piece_ms`; the sum of work is kept."""
    result: list[float] = []
    for duration in durations_ms:
        pieces = max(1, round(duration / piece_ms)) if duration > longer_than_ms and piece_ms > 0 else 1
        result.extend([duration / pieces] * pieces)
    return result
