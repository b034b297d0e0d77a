"""GET /findings: across applications."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.api import cursor as cursors
from analyzer.api.dependencies import Cursor, LedgerDep, Limit, Pipeline, Since, Team, Until
from analyzer.api.findings.schemas import FindingPage, SeverityName
from analyzer.api.findings.service import finding_of
from analyzer.api.freshness import analyse_pending
from analyzer.api.times import END_OF_TIME_MS, unix_ms
from analyzer.rules.base import Severity
from collector.storage import load_sql

router = APIRouter(prefix="/findings", tags=["findings"])
_BEFORE_ALL = (int(max(Severity)) + 1, 1e300, "", "", "", "")


@router.get("", summary="List findings across applications")
def list_findings(
    ledger: LedgerDep,
    team: Team = "",
    pipeline: Pipeline = "",
    rule: Annotated[str, Query(description="Only this rule, such as `SKW001`", max_length=20)] = "",
    min_severity: Annotated[SeverityName, Query(description="This severity and those above")] = "info",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> FindingPage:
    """Most severe first, then by saving. `since` and `until` are about the start of the application. New data is analysed first."""
    after = cursors.decode(cursor, int, float, str, str, str, str) or _BEFORE_ALL
    waiting = analyse_pending(ledger)
    names = ("after_severity", "after_usd", "after_app", "after_attempt", "after_rule", "after_fingerprint")
    rows = ledger.store.rows(
        load_sql(__file__, "page"),
        {
            "team": team,
            "pipeline": pipeline,
            "rule": rule.upper(),
            "least_severity": int(Severity[min_severity.upper()]),
            "since_ms": unix_ms(since, 0),
            "until_ms": unix_ms(until, END_OF_TIME_MS),
            "rows": limit + 1,
            **dict(zip(names, after, strict=True)),
        },
    )
    page = rows[:limit]
    keys = ("severity_rank", "saving_usd", "app_id", "attempt_id", "rule_code", "fingerprint")
    next_cursor = cursors.encode(*(page[-1][key] for key in keys)) if len(rows) > limit else None
    return FindingPage(findings=[finding_of(row) for row in page], next_cursor=next_cursor, waiting_for_analysis=waiting)
