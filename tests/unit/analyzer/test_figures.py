"""Numbers as people read them."""

from __future__ import annotations

import pytest

from analyzer.figures import MINUS, change, core_time, core_time_range, count, freed, share, usd, usd_range

DASH = "\N{EN DASH}"


@pytest.mark.parametrize(
    ("amount_usd", "text"),
    [(0, "$0"), (0.00001, "<$0.0001"), (0.0042, "$0.0042"), (0.01, "$0.01"), (3.719, "$3.72"), (99.994, "$99.99"), (1240.4, "$1,240")],
)
def test_dollars_keep_the_decimals_that_matter(amount_usd: float, text: str) -> None:
    assert usd(amount_usd) == text


@pytest.mark.parametrize(
    ("low_usd", "high_usd", "text"),
    [
        (3.1, 4.25, f"$3.10{DASH}4.25"),
        (3.001, 3.002, "$3.00"),
        (0.0088, 0.0123, f"$0.0088{DASH}0.0123"),
        (0.00001, 2, f"<$0.0001{DASH}$2.00"),
    ],
)
def test_a_range_names_the_dollar_once(low_usd: float, high_usd: float, text: str) -> None:
    assert usd_range(low_usd, high_usd) == text


@pytest.mark.parametrize(
    ("core_s", "text"),
    [(0, "0 core-s"), (26.2, "26 core-s"), (359, "359 core-s"), (360, "0.10 core-h"), (5760, "1.6 core-h"), (4.5e6, "1,250 core-h")],
)
def test_core_time_is_in_hours_from_a_tenth_of_one(core_s: float, text: str) -> None:
    assert core_time(core_s) == text


def test_a_range_of_core_time_has_one_unit() -> None:
    assert core_time_range(100, 7200) == f"0.028{DASH}2.0 core-h"


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 %"), (0.0001, "<0.1 %"), (0.061, "6.1 %"), (0.0996, "10 %"), (0.5, "50 %"), (1, "100 %")]
)
def test_shares_are_per_cent(value: float, text: str) -> None:
    assert share(value) == text


@pytest.mark.parametrize(
    ("now", "before", "text"), [(112, 100, "+12 %"), (88, 100, f"{MINUS}12 %"), (100.2, 100, "±0 %"), (1, None, DASH), (1, 0, DASH)]
)
def test_a_change_needs_something_to_compare_with(now: float, before: float | None, text: str) -> None:
    assert change(now, before) == text


def test_counts_agree_with_their_noun() -> None:
    assert [count(1, "run"), count(1240, "run"), count(0, "run")] == ["1 run", "1,240 runs", "0 runs"]


@pytest.mark.parametrize(
    ("saving", "expected"),
    [
        ((5400, 8280, 0.31, 0.47), f"$0.31{DASH}0.47, 1.5{DASH}2.3 core-h"),
        ((8, 8, 0.02, 0.0201), "$0.02, 8.0 core-s"),
        ((0, 0, 0.10, 0.2), f"$0.10{DASH}0.20"),
        ((0, 40, 0, 0), f"0{DASH}40 core-s"),
        ((0, 0, 0, 0), ""),
    ],
)
def test_what_is_freed_is_told_once_and_without_zeros(saving: tuple[float, float, float, float], expected: str) -> None:
    assert freed(*saving) == expected
