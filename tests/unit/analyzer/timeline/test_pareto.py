"""Counts worth asking for, the front of the best, the shape of what is asked, and the chart of it."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from analyzer.cost.book import load_price_book
from analyzer.cost.price import GIB, Target
from analyzer.timeline.history import Job
from analyzer.timeline.pareto import POINTS, on_front, pareto_counts
from analyzer.timeline.whatif import Choice, Prediction, predict
from sparkledger.cli.scatter import Point, Scatter
from tests.unit.analyzer.timeline.histories import ALife, AStage, ATask, Written


@given(st.integers(1, 10_000))
def test_counts_rise_from_one_to_four_times_the_run(peak: int) -> None:
    counts = pareto_counts(peak)

    assert counts[0] == 1
    assert counts[-1] == 4 * peak
    assert list(counts) == sorted(set(counts))
    assert len(counts) == min(POINTS, 4 * peak)


def test_the_front_is_what_nothing_beats() -> None:
    points = [(10, 5), (20, 3), (20, 4), (30, 3), (5, 9), (40, 1), (10, 5)]

    assert on_front(points) == [True, True, False, False, True, True, False]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), min_size=1, max_size=15))
def test_everything_off_the_front_is_beaten_by_something_on_it(points: list[tuple[int, int]]) -> None:
    front = [point for point, kept in zip(points, on_front(points), strict=True) if kept]

    assert all(any(best[0] <= p[0] and best[1] <= p[1] for best in front) for p in points)
    assert len(set(front)) == len(front)


def history() -> Written:
    """Two executors of two cores, eight tasks of a minute."""
    tasks = [ATask(place % 2, 0, 60_000 * (place // 4), 60_000 * (place // 4 + 1), index=place) for place in range(8)]
    return Written(120_000, [ALife(2, 0, 120_000)] * 2, [AStage(0, 0, 120_000)], [Job(0, 0, 120_000, (0,))], tasks, memory_bytes=8 * GIB)


def asked(**choice: object) -> Prediction:
    return predict(history().history(), {}, Choice(**choice), load_price_book(), Target())  # type: ignore[arg-type]


def test_other_memory_changes_the_price_and_not_the_time() -> None:
    small, large = (asked(memory_bytes=gib * GIB).scenarios[0] for gib in (4, 16))

    assert (small.wall_ms, small.core_ms) == (large.wall_ms, large.core_ms)
    assert small.name == "2 x 2 cores"
    assert large.cost.memory_usd == pytest.approx(4 * small.cost.memory_usd)
    assert large.cost.vcpu_usd == pytest.approx(small.cost.vcpu_usd)


def test_limits_of_dynamic_allocation_are_kept_and_told() -> None:
    (scenario,) = asked(min_executors=1, max_executors=3, initial_executors=3, idle_ms=30_000).scenarios

    assert scenario.executors_peak == 3
    assert scenario.name == "dynamic, at least 1, at most 3, 3 at first, idle 30 s x 2 cores"
    assert scenario.conf == {
        "spark.dynamicAllocation.enabled": "true",
        "spark.executor.cores": "2",
        "spark.dynamicAllocation.minExecutors": "1",
        "spark.dynamicAllocation.maxExecutors": "3",
        "spark.dynamicAllocation.initialExecutors": "3",
        "spark.dynamicAllocation.executorIdleTimeout": "30000ms",
    }


def test_a_fixed_count_says_how_to_set_it() -> None:
    (scenario,) = asked(executors=(4,)).scenarios

    assert scenario.conf["spark.executor.instances"] == "4"
    assert scenario.conf["spark.dynamicAllocation.enabled"] == "false"
    assert scenario.wall_ms == 60_000


@pytest.mark.parametrize("width", [40, 80, 120])
def test_the_chart_fits_and_tells_kinds_apart_without_colour(width: int) -> None:
    points = [Point(1000 * n, 40 / n, "front") for n in range(1, 9)] + [Point(5000, 30, "other"), Point(2000, 35, "actual")]
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(Scatter(points))
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]

    assert all(len(line) <= width for line in lines)
    assert sum(line.count("●") for line in lines[:12]) >= 5
    assert sum(line.count("◆") for line in lines[:12]) == 1
    assert lines[0].startswith("$40.00 │")
    assert lines[11].startswith(" $5.00 │")


def test_one_point_and_none_are_charts_too() -> None:
    console = Console(file=io.StringIO(), width=60)
    console.print(Scatter([Point(1, 1, "actual")]))
    console.print(Scatter([]))

    assert "◆" in console.file.getvalue()  # type: ignore[attr-defined]
