"""ISO weeks at the edges of years."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.digest.week import IsoWeek


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2026, 11, 16), "2026-W47"),
        (date(2026, 11, 22), "2026-W47"),
        (date(2026, 12, 31), "2026-W53"),
        (date(2027, 1, 3), "2026-W53"),
        (date(2027, 1, 4), "2027-W01"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2021, 1, 1), "2020-W53"),
    ],
)
def test_a_day_falls_into_the_week_of_its_thursday(day: date, week: str) -> None:
    assert str(IsoWeek.of(day)) == week


def test_a_time_is_taken_in_utc() -> None:
    late_sunday_in_new_york = datetime(2026, 11, 22, 21, tzinfo=timezone(timedelta(hours=-5)))
    assert IsoWeek.of(late_sunday_in_new_york) == IsoWeek(2026, 48)


def test_a_week_begins_and_ends_on_monday_midnight() -> None:
    week = IsoWeek.parse("2026-W53")
    assert week.start == datetime(2026, 12, 28, tzinfo=timezone.utc)
    assert week.end == datetime(2027, 1, 4, tzinfo=timezone.utc)
    assert week.before(1) == IsoWeek(2026, 52)
    assert IsoWeek(2027, 1).before(1) == week


@pytest.mark.parametrize(
    ("week", "days"),
    [("2026-W47", "16 to 22 Nov 2026"), ("2026-W49", "30 Nov to 6 Dec 2026"), ("2026-W53", "28 Dec 2026 to 3 Jan 2027")],
)
def test_days_read_as_words(week: str, days: str) -> None:
    assert IsoWeek.parse(week).days == days


@pytest.mark.parametrize(
    "text",
    [
        "2026-47",
        "2026W47",
        "2026-W0",
        "2026-W00",
        "2025-W53",
        "2026-W54",
        "26-W47",
        "",
        "2026-W47 ",
        "0000-W01",
        "0001-W02",
        "1970-W40",
        "\u0662026-W47",
    ],
)
def test_what_is_no_week_is_refused_with_the_expected_form(text: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        IsoWeek.parse(text)


@given(st.dates(min_value=date(1971, 1, 4), max_value=date(9999, 12, 24)))
def test_every_day_lies_in_its_week(day: date) -> None:
    week = IsoWeek.of(day)
    assert week.start.date() <= day < week.end.date()
    assert IsoWeek.parse(f"{week.year:04d}-W{week.week:02d}") == week
