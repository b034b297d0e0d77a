"""Digests from a real store: what belongs to a week, what it is compared with, and that a week that is over stays as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from analyzer.digest.shelf import digest_of, list_digests
from analyzer.digest.week import IsoWeek
from collector.storage import Store, open_store
from tests.support.stores import emptied

WEEK = IsoWeek(2026, 53)
NEXT = IsoWeek(2027, 1)
LATER = datetime(2027, 2, 1, tzinfo=timezone.utc)
TIME = pa.timestamp("ms", "UTC")


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("digest") / "store") as opened:
        yield opened


@pytest.fixture
def store(shared_store: Store) -> Store:
    return emptied(shared_store)


def run(store: Store, app_id: str, started_at: datetime, cost_usd: float, **values: Any) -> None:
    """Store the profile of one application of team growth."""
    row = {
        "app_id": app_id,
        "attempt_id": "",
        "team": "growth",
        "pipeline": "orders",
        "started_at": started_at,
        "ended": True,
        "allocated_core_ms": 7_200_000,
        "busy_core_ms": 3_600_000,
        "cost_low_usd": cost_usd * 0.9,
        "cost_usd": cost_usd,
        "cost_high_usd": cost_usd * 1.2,
        "waste_low_usd": 0.0,
        "waste_high_usd": 0.0,
        "price_book": "2026-11-us-east-1",
        "dropped_events": 0,
        "analysed_at": started_at,
        **values,
    }
    types = {"started_at": TIME, "analysed_at": TIME, "allocated_core_ms": pa.uint64(), "busy_core_ms": pa.uint64()}
    store.insert("application_profiles", pa.table({name: pa.array([value], types.get(name)) for name, value in row.items()}))


def finding(store: Store, app_id: str, started_at: datetime, saving_usd: float | None, **values: Any) -> None:
    """Store a finding of that application."""
    row = {
        "app_id": app_id,
        "attempt_id": "",
        "rule_code": "SKW001",
        "fingerprint": "f1",
        "severity": "medium",
        "title": f"of {app_id}",
        "team": "growth",
        "pipeline": "orders",
        "application_started_at": started_at,
        "change": json.dumps({"summary": "split it", "conf": {"spark.a": "b"}}),
        "saving_low_usd": saving_usd,
        "saving_high_usd": saving_usd,
        "saving_low_core_s": saving_usd,
        "saving_high_core_s": saving_usd,
        "analysed_at": started_at,
        **values,
    }
    floats = dict.fromkeys((name for name in row if name.startswith("saving_")), pa.float64())
    types = {"application_started_at": TIME, "analysed_at": TIME, **floats}
    store.insert("findings", pa.table({name: pa.array([value], types.get(name)) for name, value in row.items()}))


def test_a_week_ends_at_midnight_on_monday_also_over_the_year(store: Store) -> None:
    run(store, "last-second", WEEK.end - timedelta(milliseconds=1), 10.0)
    run(store, "first-second", WEEK.start, 5.0)
    run(store, "next-week", WEEK.end, 100.0)
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert digest.week == "2026-W53"
    assert digest.totals.applications == 2
    assert digest.totals.cost_usd == pytest.approx(15.0)
    assert digest_of(store, "growth", NEXT, now=LATER).previous == digest.totals


def test_other_teams_do_not_count(store: Store) -> None:
    run(store, "ours", WEEK.start, 1.0)
    run(store, "theirs", WEEK.start, 50.0, team="platform")
    assert digest_of(store, "growth", WEEK, now=LATER).totals.cost_usd == pytest.approx(1.0)


def test_a_week_is_compared_with_the_one_before_and_the_median_of_four(store: Store) -> None:
    for weeks_ago, cost_usd in enumerate((20.0, 10.0, 4.0, 6.0, 100.0)):
        run(store, f"run-{weeks_ago}", WEEK.before(weeks_ago).start, cost_usd)
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert digest.previous is not None
    assert digest.previous.cost_usd == pytest.approx(10.0)
    assert digest.median_cost_usd == pytest.approx(8.0)
    assert "+100 %" in digest.headline
    [mover] = digest.movers
    assert (mover.cost_usd, mover.before_usd) == (pytest.approx(20.0), pytest.approx(10.0))


def test_a_median_needs_four_weeks(store: Store) -> None:
    for weeks_ago in range(4):
        run(store, f"run-{weeks_ago}", WEEK.before(weeks_ago).start, 1.0)
    assert digest_of(store, "growth", WEEK, now=LATER).median_cost_usd is None


def test_one_fault_of_many_runs_is_one_line_at_its_dearest(store: Store) -> None:
    for number, saving_usd in enumerate((1.0, 7.0, 2.0)):
        run(store, f"run-{number}", WEEK.start, 10.0)
        finding(store, f"run-{number}", WEEK.start, saving_usd)
    finding(store, "run-0", WEEK.start, None, rule_code="SPT001", fingerprint="f2", severity="high")
    finding(store, "run-0", WEEK.start, 50.0, rule_code="MEM001", fingerprint="f3", severity="info")
    digest = digest_of(store, "growth", WEEK, now=LATER)
    skew, spot = digest.findings
    assert (skew.runs, skew.app_id, skew.title, skew.saving_high_usd) == (3, "run-1", "of run-1", pytest.approx(10.0))
    assert skew.conf == {"spark.a": "b"}
    assert (spot.rule_code, spot.severity, spot.saving_high_usd) == ("SPT001", "high", 0.0)


def test_at_most_five_findings_are_listed_and_the_others_counted(store: Store) -> None:
    run(store, "run", WEEK.start, 10.0)
    for number in range(8):
        finding(store, "run", WEEK.start, float(number), fingerprint=f"f{number}")
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert [f.saving_high_usd for f in digest.findings] == [7.0, 6.0, 5.0, 4.0, 3.0]
    assert digest.more_findings == 3


def test_lost_events_and_missing_ends_make_a_lower_bound(store: Store) -> None:
    run(store, "run", WEEK.start, 10.0, ended=False, dropped_events=7)
    note = digest_of(store, "growth", WEEK, now=LATER).quality.note
    assert note == "Lower bound: 7 events were lost and 1 run has no end event."


def test_a_week_that_is_over_stays_as_it_was_until_it_is_rebuilt(store: Store) -> None:
    run(store, "run", WEEK.start, 10.0)
    first = digest_of(store, "growth", WEEK, now=LATER)
    run(store, "late", WEEK.start, 90.0)
    assert digest_of(store, "growth", WEEK, now=LATER) == first
    rebuilt = digest_of(store, "growth", WEEK, now=LATER + timedelta(seconds=1), rebuild=True)
    assert rebuilt.totals.cost_usd == pytest.approx(100.0)
    assert list_digests(store) == [rebuilt]
    assert list_digests(store, team="platform") == []


def test_a_running_week_is_a_preview_that_is_not_kept(store: Store) -> None:
    run(store, "run", WEEK.start, 10.0)
    preview = digest_of(store, "growth", WEEK, now=WEEK.end - timedelta(seconds=1))
    assert not preview.final
    assert list_digests(store) == []
    assert digest_of(store, "growth", WEEK, now=WEEK.end) == replace(preview, final=True)


def test_a_week_with_analyses_still_to_come_is_not_kept(store: Store) -> None:
    run(store, "run", WEEK.start, 10.0)
    assert not digest_of(store, "growth", WEEK, now=LATER, settled=False).final
    assert list_digests(store) == []
    run(store, "analysed-later", WEEK.start, 90.0)
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert digest.final
    assert digest.totals.cost_usd == pytest.approx(100.0)


def test_a_week_with_a_run_that_goes_on_is_not_kept_before_its_cost_is_whole(store: Store) -> None:
    run(store, "streaming", WEEK.start, 10.0, ended=False)
    assert not digest_of(store, "growth", WEEK, now=LATER).final
    assert list_digests(store) == []
    later = WEEK.start + timedelta(days=9)
    run(store, "streaming", WEEK.start, 90.0, ended=False, closed_by_timeout=True, analysed_at=later)
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert (digest.final, digest.totals.cost_usd) == (True, pytest.approx(90.0))


def test_a_week_without_applications_says_so_and_is_not_kept(store: Store) -> None:
    digest = digest_of(store, "growth", WEEK, now=LATER)
    assert digest.silent
    assert digest.headline == "No application of team growth ran in week 2026-W53 (28 Dec 2026 to 3 Jan 2027)."
    assert list_digests(store) == []
