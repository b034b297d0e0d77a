"""The executors that Spot is weighed against: those of the run, without its losses."""

from __future__ import annotations

from analyzer.api.spot.service import _calm
from analyzer.timeline.allocation import Allocation, observed_allocation
from tests.unit.analyzer.timeline.histories import ALife, Written

HOUR = 3_600_000


def calm(*lives: ALife) -> Allocation:
    history = Written(ended=HOUR, lives=lives).history()
    return _calm(history, observed_allocation(history, {}, local=False))


def test_executors_that_lived_to_the_end_keep_their_cores() -> None:
    allocation = calm(ALife(4, 0, HOUR), ALife(4, 0, HOUR), ALife(4, 0, 1000), ALife(8, 10, HOUR))

    assert (allocation.arrivals_ms, allocation.leaves_ms, allocation.cores_each) == ([0, 0, 10], [None] * 3, [4, 4, 8])


def test_where_all_went_before_the_end_they_are_as_many_as_were_alive_at_one_time() -> None:
    # Ten executors that were stopped a minute before the application ended are ten, not one.
    allocation = calm(*[ALife(4, 0, HOUR - 60_000)] * 10)

    assert (len(allocation.arrivals_ms), allocation.leaves_ms) == (10, [None] * 10)
