"""Builds a digest from the stored profiles and findings of one team and ISO week. Reads nothing else, computes no analysis."""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import median
from typing import Any

from analyzer.digest.model import DataQuality, Digest, Mover, TopFinding, Totals
from analyzer.digest.week import IsoWeek
from analyzer.figures import change, count, usd_range
from collector.storage import Store, load_sql

TOP_FINDINGS = 5
MOVERS = 3
_MEDIAN_WEEKS = 4
_NOTHING = Totals(0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def build_digest(store: Store, team: str, week: IsoWeek, *, final: bool = True, prices_as_of: Mapping[str, str] | None = None) -> Digest:
    """The digest of `team` for `week`. `final` says that the week is over; `prices_as_of` maps price book names to their dates.

    It is a preview all the same while a run of the week goes on: what that still costs belongs to this week and to no other.
    """
    weeks = _weeks(store, team, week)
    now = weeks.get(week)
    final = final and not (now and now["going_on"])
    totals = _totals(now) if now else _NOTHING
    earlier_row = weeks.get(week.before(1))
    previous = _totals(earlier_row) if earlier_row else None
    price_book = str(now["latest_price_book"]) if now else ""
    findings = _findings(store, team, week) if now else []
    earlier = [weeks[week.before(n)]["total_cost_usd"] for n in range(1, _MEDIAN_WEEKS + 1) if week.before(n) in weeks]
    return Digest(
        team=team,
        week=str(week),
        final=final,
        headline=_headline(team, week, totals, previous, final),
        totals=totals,
        previous=previous,
        median_cost_usd=float(median(earlier)) if len(earlier) == _MEDIAN_WEEKS else None,
        findings=tuple(findings[:TOP_FINDINGS]),
        more_findings=max(0, len(findings) - TOP_FINDINGS),
        movers=tuple(_movers(store, team, week)) if now and previous else (),
        quality=DataQuality(int(now["without_end"]), int(now["lost_events"])) if now else DataQuality(0, 0),
        price_book=price_book,
        prices_as_of=(prices_as_of or {}).get(price_book, ""),
    )


def _weeks(store: Store, team: str, week: IsoWeek) -> dict[IsoWeek, dict[str, Any]]:
    first = week.before(_MEDIAN_WEEKS)
    by_start_ms = {_ms(week.before(n)): week.before(n) for n in range(_MEDIAN_WEEKS + 1)}
    rows = store.rows(load_sql(__file__, "week_totals"), {"team": team, "from_ms": _ms(first), "until_ms": _end_ms(week)})
    return {by_start_ms[row["week_start_ms"]]: row for row in rows}


def _totals(row: Mapping[str, Any]) -> Totals:
    return Totals(
        applications=int(row["applications"]),
        pipelines=int(row["pipelines"]),
        cost_low_usd=float(row["total_cost_low_usd"]),
        cost_usd=float(row["total_cost_usd"]),
        cost_high_usd=float(row["total_cost_high_usd"]),
        allocated_core_s=float(row["allocated_core_s"]),
        busy_core_s=float(row["busy_core_s"]),
        saving_low_usd=float(row["saving_low_usd"]),
        saving_high_usd=float(row["saving_high_usd"]),
    )


def _findings(store: Store, team: str, week: IsoWeek) -> list[TopFinding]:
    rows = store.rows(load_sql(__file__, "top_findings"), {"team": team, "from_ms": _ms(week), "until_ms": _end_ms(week)})
    return [_finding(row) for row in rows]


def _finding(row: Mapping[str, Any]) -> TopFinding:
    advice = json.loads(row["dearest_change"])
    return TopFinding(
        rule_code=row["rule_code"],
        severity=row["highest_severity"],
        pipeline=row["pipeline"],
        title=row["dearest_title"],
        app_id=row["dearest_app_id"],
        runs=int(row["runs"]),
        saving_low_usd=float(row["total_low_usd"]),
        saving_high_usd=float(row["total_high_usd"]),
        saving_low_core_s=float(row["total_low_core_s"]),
        saving_high_core_s=float(row["total_high_core_s"]),
        change=advice["summary"],
        conf=dict(advice["conf"]),
    )


def _movers(store: Store, team: str, week: IsoWeek) -> list[Mover]:
    parameters = {"team": team, "from_ms": _ms(week.before(1)), "middle_ms": _ms(week), "until_ms": _end_ms(week), "rows": MOVERS}
    return [
        Mover(row["pipeline"], int(row["runs"]), float(row["now_usd"]), None if row["before_usd"] is None else float(row["before_usd"]))
        for row in store.rows(load_sql(__file__, "movers"), parameters)
    ]


def _headline(team: str, week: IsoWeek, now: Totals, before: Totals | None, final: bool) -> str:
    if now.applications == 0:
        return f"No application of team {team} {'ran' if final else 'has run'} in week {week} ({week.days})."
    runs = f"{count(now.applications, 'run')} of {count(now.pipelines, 'pipeline')}"
    cost = f"{runs} cost {usd_range(now.cost_low_usd, now.cost_high_usd)}"
    if before is not None and before.cost_usd > 0:
        cost += f" ({change(now.cost_usd, before.cost_usd)} on the week before)"
    if now.saving_high_usd <= 0:
        return f"{cost}; no saving was found."
    return f"{cost}; {usd_range(now.saving_low_usd, now.saving_high_usd)} of it could be saved."


def _ms(week: IsoWeek) -> int:
    return int(week.start.timestamp() * 1000)


def _end_ms(week: IsoWeek) -> int:
    return int(week.end.timestamp() * 1000)
