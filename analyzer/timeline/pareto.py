"""The executor counts that are worth asking for, and which of their outcomes no other beats in both time and money."""

from __future__ import annotations

from collections.abc import Sequence

POINTS = 40
REACH = 4
"""Up to so many times the executors that the run had."""


def pareto_counts(peak: int, points: int = POINTS) -> tuple[int, ...]:
    """Executor counts from one to four times the run's, closer together where they are few; fewer than `points` for a small run."""
    most = max(1, peak) * REACH
    if most <= points:
        return tuple(range(1, most + 1))
    ratio = most ** (1 / (points - 1))
    counts: list[int] = []
    for place in range(points):
        counts.append(max(round(ratio**place), counts[-1] + 1 if counts else 1))
    return tuple(min(count, most) for count in counts)


def on_front(points: Sequence[tuple[float, float]]) -> list[bool]:
    """For each point of time and dollars whether no other is as good in both and better in one; of equal points the first."""
    order = sorted(range(len(points)), key=lambda place: (points[place], place))
    kept, cheapest = set(), float("inf")
    for place in order:
        if points[place][1] < cheapest:
            cheapest = points[place][1]
            kept.add(place)
    return [place in kept for place in range(len(points))]
