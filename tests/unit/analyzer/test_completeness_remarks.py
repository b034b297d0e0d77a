"""What is missing of a run, in words: everything that can be lost is told, explained, and comes with what to do."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.api.completeness.remarks import CLOCK_AHEAD_MS, CLOCK_BEHIND_MS, gaps_of, remarks
from analyzer.api.completeness.schemas import Delivery, Remark

NOW = datetime(2026, 11, 23, tzinfo=timezone.utc)
WHOLE: dict[str, Any] = {"state": "ended", "started": True, "lost_after_min": 60.0, "clock_offset_ms": 200}


def delivery(**what: Any) -> Delivery:
    nothing = {"bad_lines": 0, "unknown_events": 0, "dropped_events": 0, "cut_off": 0, "missing_batches": 0, "gaps": [], "first_error": ""}
    known = {"source": "listener", "batches": 9, "events": 99, "first_received_at": NOW, "last_received_at": NOW}
    return Delivery(**{**known, **nothing, **what})


def told(*deliveries: Delivery, **what: Any) -> list[Remark]:
    return list(remarks(**{**WHOLE, "deliveries": deliveries, **what}))


CASES: dict[str, tuple[list[Remark], str]] = {
    "no_start": (told(started=False), "the start was never seen"),
    "open": (told(state="open"), "no end was seen yet"),
    "lost": (told(state="lost"), "nothing came for 60 minutes"),
    "executors_unseen": (told(executors_unseen=3), "3 executors had tasks"),
    "dropped_events": (told(delivery(dropped_events=1200)), "gave up 1,200 events"),
    "missing_batches": (told(delivery(missing_batches=4, gaps=[(2, 2), (7, 9)])), "4 batches never came: number 2 and 1 more gap"),
    "bad_lines": (told(delivery(bad_lines=2, first_error="line 7: no JSON")), "2 lines could not be read"),
    "cut_off": (told(delivery(source="log", cut_off=1)), "1 log cut off in the middle"),
    "clock_ahead": (told(clock_offset_ms=-3_500), "at least 3.5 s ahead"),
    "clock_behind": (told(clock_offset_ms=180_000), "at least 180 s after it happened"),
}


@pytest.mark.parametrize("code", CASES)
def test_every_fault_is_told_alone_and_explained(code: str) -> None:
    found, says = CASES[code]

    assert [remark.code for remark in found] == [code]
    assert says in found[0].finding
    assert found[0].meaning
    assert found[0].hint


def test_there_is_a_case_for_every_fault() -> None:
    assert set(CASES) == set(get_args(Remark.model_fields["code"].annotation))


def test_a_bad_line_says_why() -> None:
    assert "line 7: no JSON" in CASES["bad_lines"][0][0].meaning


@pytest.mark.parametrize("offset_ms", [None, 0, -CLOCK_AHEAD_MS, CLOCK_BEHIND_MS])
def test_clocks_that_are_nearly_right_are_not_mentioned(offset_ms: int | None) -> None:
    assert told(delivery(), clock_offset_ms=offset_ms) == []


@given(st.sets(st.integers(1, 60)))
def test_gaps_are_exactly_the_numbers_that_never_came(numbers: set[int]) -> None:
    gaps = gaps_of(sorted(numbers), shown=100)

    missing = [number for first, last in gaps for number in range(first, last + 1)]
    assert missing == sorted(set(range(1, max(numbers, default=0) + 1)) - numbers)
    assert all(first <= last for first, last in gaps)


def test_twenty_gaps_are_enough() -> None:
    assert len(gaps_of(range(2, 200, 2))) == 20
