"""GET /applications and what hangs below one application."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.api import cursor as cursors
from analyzer.api.applications.schemas import Application, ApplicationPage, Facts, StagePage
from analyzer.api.applications.service import application, application_of, resolve_attempt, stage_of
from analyzer.api.dependencies import Attempt, Cursor, LedgerDep, Limit, Pipeline, Since, Team, Until
from analyzer.api.errors import NOT_FOUND
from analyzer.api.findings.schemas import ApplicationFindings
from analyzer.api.findings.service import findings_of
from analyzer.api.freshness import analyse_pending, ensure_analysed
from analyzer.api.times import END_OF_TIME_MS, unix_ms
from analyzer.facts import application_facts
from collector.storage import load_sql

router = APIRouter(prefix="/applications", tags=["applications"])
_LAST_TEXT = "\U0010ffff"


@router.get("", summary="List applications, newest first")
def list_applications(
    ledger: LedgerDep,
    team: Team = "",
    pipeline: Pipeline = "",
    name: Annotated[str, Query(description="Part of the application's name", max_length=500)] = "",
    since: Since = None,
    until: Until = None,
    limit: Limit = 50,
    cursor: Cursor = "",
) -> ApplicationPage:
    """What ran, what it cost, how much of it was idle, and how serious its findings are. New data is analysed first."""
    after = cursors.decode(cursor, int, str, str) or (END_OF_TIME_MS, _LAST_TEXT, _LAST_TEXT)
    waiting = analyse_pending(ledger)
    rows = ledger.store.rows(
        load_sql(__file__, "page"),
        {
            "team": team,
            "pipeline": pipeline,
            "name": name,
            "since_ms": unix_ms(since, 0),
            "until_ms": unix_ms(until, END_OF_TIME_MS),
            "after_ms": after[0],
            "after_app": after[1],
            "after_attempt": after[2],
            "rows": limit + 1,
        },
    )
    applications = [application_of(row) for row in rows[:limit]]
    last = applications[-1] if len(rows) > limit else None
    next_cursor = cursors.encode(unix_ms(last.started_at, 0), last.app_id, last.attempt_id) if last else None
    return ApplicationPage(applications=applications, next_cursor=next_cursor, waiting_for_analysis=waiting)


@router.get("/{app_id}", summary="Show one application", responses=NOT_FOUND)
def get_application(ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> Application:
    """Cost, core time, work and completeness of one attempt, the latest unless `attempt` names another."""
    return application(ledger, app_id, attempt)


@router.get("/{app_id}/facts", summary="Show the fact sheet", responses=NOT_FOUND)
def get_facts(ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> Facts:
    """Totals to check against Spark's own UI, read from the raw tables."""
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    return Facts(app_id=app_id, attempt_id=attempt_id, facts=application_facts(ledger.store, app_id, attempt_id))


@router.get("/{app_id}/stages", summary="List stage attempts", responses=NOT_FOUND)
def list_stages(ledger: LedgerDep, app_id: str, attempt: Attempt = None, limit: Limit = 100, cursor: Cursor = "") -> StagePage:
    """Counts, sums and exact quantiles of every stage attempt, in order of their ids."""
    after = cursors.decode(cursor, int, int) or (-1, -1)
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    ensure_analysed(ledger, app_id, attempt_id)
    parameters = {"app_id": app_id, "attempt_id": attempt_id, "after_stage": after[0], "after_stage_attempt": after[1], "rows": limit + 1}
    rows = ledger.store.rows(load_sql(__file__, "stages"), parameters)
    stages = [stage_of(row) for row in rows[:limit]]
    more = len(rows) > limit
    return StagePage(stages=stages, next_cursor=cursors.encode(stages[-1].stage_id, stages[-1].stage_attempt_id) if more else None)


@router.get("/{app_id}/findings", summary="List an application's findings", responses=NOT_FOUND)
def list_findings(ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> ApplicationFindings:
    """Most severe first, then by saving. The application is analysed first where new data came."""
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    ensure_analysed(ledger, app_id, attempt_id)
    return ApplicationFindings(app_id=app_id, attempt_id=attempt_id, findings=findings_of(ledger.store, app_id, attempt_id))
