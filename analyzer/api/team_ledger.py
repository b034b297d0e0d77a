"""The ledger as a team's token may read it: one place, for every endpoint and page."""

from __future__ import annotations

from dataclasses import replace

from fastapi import HTTPException, Request

from analyzer.api.freshness import ensure_analysed
from analyzer.api.ledger import Ledger
from collector.storage import load_sql
from collector.storage.team_scope import TeamStore


def team_ledger(ledger: Ledger, team: str, request: Request) -> Ledger:
    """A ledger whose store shows one team's runs. Raises a 403 where the request names another team.

    Whose a run is, its analysis says: a run that the path names is analysed first.
    """
    named = request.path_params.get("team") or request.query_params.get("team")
    if named and named != team:
        message, hint = f"this token reads team `{team}` only", "leave out the team, or use another token"
        raise HTTPException(403, detail={"code": "other_team", "message": message, "hint": hint})
    app_id = request.path_params.get("app_id")
    if app_id:
        for row in ledger.whole.rows(load_sql(__file__, "applications/attempts"), {"app_id": app_id}):
            ensure_analysed(ledger, app_id, row["attempt_id"])
    return replace(ledger, store=TeamStore(ledger.whole, team), unscoped=ledger.whole)
