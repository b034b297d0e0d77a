"""Unions of time spans, and how much of them lies before a moment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analyzer.timeline.history import Ints
from analyzer.timeline.order import order_by


@dataclass(frozen=True, slots=True)
class Spans:
    """Disjoint half-open spans in order, in ms."""

    starts: Ints
    ends: Ints

    def before(self, moments: Ints) -> Ints:
        """The ms of these spans that lie before each moment."""
        if len(self.starts) == 0:
            return np.zeros_like(moments)
        total = np.cumsum(self.ends - self.starts)
        place = np.searchsorted(self.starts, moments, side="right") - 1
        inside = np.minimum(moments, self.ends[np.maximum(place, 0)]) - self.starts[np.maximum(place, 0)]
        earlier = np.where(place > 0, total[np.maximum(place, 1) - 1], 0)
        return np.where(place < 0, 0, earlier + inside)

    def joined(self, other: Spans) -> Spans:
        """The union of both."""
        return union(np.concatenate([self.starts, other.starts]), np.concatenate([self.ends, other.ends]))


def union(starts: Ints, ends: Ints) -> Spans:
    """The union of spans that may overlap; empty and reversed ones count nothing."""
    real = ends > starts
    order = order_by(starts[real])
    starts, ends = starts[real][order], ends[real][order]
    if len(starts) == 0:
        return Spans(starts, ends)
    reach = np.maximum.accumulate(ends)
    opens = np.append(True, starts[1:] > reach[:-1])
    closes = np.append(opens[1:], True)
    return Spans(starts[opens], reach[closes])
