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


def shared(some: Iterable[Span], others: Sequence[Span]) -> list[Span]:
    """The spans that lie in both; each of the two may overlap itself."""
    return union((max(a[0], b[0]), min(a[1], b[1])) for a in some for b in others)


def busy_ms(stages: Sequence[Row], start_ms: float, end_ms: float) -> float:
    """Task time within a span, where each stage's is spread evenly over its first launch to its last finish."""
    total = 0.0
    for stage in stages:
        length = stage["last_finish_ms"] - stage["first_launch_ms"]
        within = min(stage["last_finish_ms"], end_ms) - max(stage["first_launch_ms"], start_ms)
        if length > 0 and within > 0:
            total += stage["duration_ms"] * within / length
    return total
