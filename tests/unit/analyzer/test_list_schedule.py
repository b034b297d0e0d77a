"""Replaying stages on slots."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.timeline.list_schedule import MOST_PIECES, makespan_ms, peak_concurrency, split_tasks

durations = st.lists(st.integers(1, 10_000), min_size=1, max_size=60)
slots = st.integers(1, 20)


def test_tasks_go_to_the_slot_that_is_free_first() -> None:
    assert makespan_ms([4, 2, 2, 3], 2) == 7


# Source: aws-samples/aws-emr-advisor, job_spark_shell: two jobs of four tasks of a minute.
@pytest.mark.parametrize(("cores", "minutes"), [(4, 2), (8, 1), (1, 8)])
def test_eight_tasks_of_a_minute(cores: int, minutes: int) -> None:
    assert makespan_ms([60_000] * 8, cores) == minutes * 60_000


@given(tasks=durations, count=slots)
def test_a_replay_lies_between_its_bounds(tasks: list[int], count: int) -> None:
    span = makespan_ms(tasks, count)

    assert max(max(tasks), sum(tasks) / count) <= span <= sum(tasks)


@given(tasks=durations, piece=st.integers(1, 1000))
def test_splitting_keeps_the_work(tasks: list[int], piece: int) -> None:
    assert sum(split_tasks(tasks, piece, 3 * piece)) == pytest.approx(sum(tasks))


def test_hours_beside_milliseconds_are_cut_into_a_bounded_number_of_pieces() -> None:
    # Twenty hot partitions of an hour among empty ones of a millisecond would be 72 million pieces.
    pieces = split_tasks([1] * 200 + [3_600_000] * 20, 1, 3)

    assert len(pieces) <= 200 + MOST_PIECES * 1.01
    assert sum(pieces) == pytest.approx(200 + 72_000_000)


def test_no_slot_is_refused() -> None:
    with pytest.raises(ValueError, match="0 slots"):
        makespan_ms([1], 0)


def test_a_finish_counts_before_a_launch_at_the_same_time() -> None:
    assert peak_concurrency([0, 0, 10], [10, 5, 10]) == 2
