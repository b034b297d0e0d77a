"""The executors that Spot is weighed against, those of the run without its losses, and what its stages save on them."""

from __future__ import annotations

import pytest

from analyzer.api.spot.service import _calm, _Shape, _stage, usd_a_core_s
from analyzer.spot.stages import exposures
from analyzer.spot.suitability import Prices
from analyzer.timeline.allocation import Allocation, observed_allocation
from tests.unit.analyzer.timeline.histories import ALife, Written
from tests.unit.analyzer.timeline.test_replay import jobs_in_a_row

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


def test_executors_that_were_replaced_are_there_from_the_first_on() -> None:
    # Two executors, both lost twice: at no time were there less than two for more than ten seconds.
    lives = [ALife(4, came, left) for came, left in [(0, HOUR // 3), (HOUR // 3 + 10_000, HOUR // 2), (HOUR // 2 + 10_000, HOUR)]]
    allocation = calm(*lives, *lives)

    assert (allocation.arrivals_ms, allocation.leaves_ms) == ([0, 0], [None, None])


def test_executors_that_stopped_just_before_the_end_are_not_left_out() -> None:
    assert calm(*[ALife(4, 0, HOUR)] * 6, *[ALife(4, 0, HOUR - 200)] * 2).arrivals_ms == [0] * 8


def test_a_stage_saves_the_discount_on_its_task_time_however_long_executors_lived() -> None:
    # Executors of 4 and 12 cores at $0.80 an hour, half of it EC2 at 60 % off: $0.24 off an hour of 8 cores. Ten task-hours of a core.
    history = Written(ended=HOUR, lives=[ALife(4, 0, HOUR), ALife(12, 0, 1000)]).history()
    prices = Prices(0.40, 0.40, 0.6)
    (stage,) = exposures(jobs_in_a_row([60_000] * 600), nodes=2, slots=16, notice_s=120, decommission=True)
    told = _stage(stage, (0.0, 0.01, 0.02), prices, _Shape(1, 16, usd_a_core_s(history, prices)))

    assert usd_a_core_s(history, prices) == pytest.approx(0.80 / 3600 / 8)
    assert told.saving_usd.mean == pytest.approx(10 * 0.24 / 8)
