"""Time spans: their union, what two sets of them share, and what stages ran within one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from analyzer.rules.base import Row

Span = tuple[float, float]


def union(spans: Iterable[Span]) -> list[Span]:
    """The union of spans in order; empty and reversed ones count nothing."""
    joined: list[Span] = []
    for start, end in sorted(span for span in spans if span[1] > span[0]):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return joined


def without(start_ms: float, end_ms: float, spans: Iterable[Span]) -> list[Span]:
    """What a span has beside others, in order."""
    left, begun = [], start_ms
    for start, end in union(spans):
        if start > begun:
            left.append((begun, min(start, end_ms)))
        begun = max(begun, end)
    return union([*left, (begun, end_ms)])


def shared(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """The spans that lie in both, in order; each of the two may overlap itself."""
    firsts, seconds = union(some), union(others)
    common, here, there = [], 0, 0
    while here < len(firsts) and there < len(seconds):
        first, second = firsts[here], seconds[there]
        common.append((max(first[0], second[0]), min(first[1], second[1])))
        here, there = (here + 1, there) if first[1] < second[1] else (here, there + 1)
    return union(common)


def busy_ms(stages: Sequence[Row], start_ms: float, end_ms: float) -> float:
    """Task time within a span, where each stage's is spread evenly over its first launch to its last finish."""
    total = 0.0
    for stage in stages:
        length = stage["last_finish_ms"] - stage["first_launch_ms"]
        within = min(stage["last_finish_ms"], end_ms) - max(stage["first_launch_ms"], start_ms)
        if length > 0 and within > 0:
            total += stage["duration_ms"] * within / length
    return total
