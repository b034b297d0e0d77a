"""How many executors were alive at one time."""

from __future__ import annotations

from analyzer.profiles.application import Executor, peak_executors


def lived(added_ms: int, removed_ms: int) -> Executor:
    return Executor("1", 4, True, True, added_ms, removed_ms, True, "", 1 << 30, 1 << 30, 0, 0)


def test_one_that_went_as_the_next_came_was_not_alive_beside_it() -> None:
    assert peak_executors([lived(0, 100), lived(100, 200), lived(50, 150)]) == 2
    assert peak_executors([]) == 0


def test_executors_that_went_as_they_came_do_not_stay_for_ever() -> None:
    fleeting = [lived(10 * n, 10 * n) for n in range(5)]

    assert peak_executors(fleeting) == 1
    assert peak_executors([*fleeting, lived(100, 200)]) == 1


def test_one_whose_removal_has_an_earlier_time_than_its_addition_does_not_stay_either() -> None:
    assert peak_executors([lived(50, 20), lived(100, 200)]) == 1
