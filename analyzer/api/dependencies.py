"""What endpoints are given: the ledger of the running server, and the parameters that many of them share."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Query, Request

from analyzer.api.ledger import Ledger, analysis_options
from analyzer.api.team_ledger import team_ledger


def ledger_of(request: Request) -> Ledger:
    """The store that the server opened, with the analysis that its settings ask for; made once.

    Where the request's token is a team's, the store is as that team may see it.
    """
    state = request.app.state
    ledger: Ledger | None = getattr(state, "ledger", None)
    if ledger is None or ledger.store is not state.store:
        ledger = state.ledger = Ledger(state.store, analysis_options(state.settings), getattr(state, "catch_up", None))
    team: str = getattr(getattr(request.state, "access", None), "team", "")
    return team_ledger(ledger, team, request) if team else ledger


LedgerDep = Annotated[Ledger, Depends(ledger_of)]
Team = Annotated[str, Query(description="Only this team, such as `growth`; `unowned` for what no rule assigns", max_length=200)]
Pipeline = Annotated[str, Query(description="Only this pipeline", max_length=500)]
Since = Annotated[datetime | None, Query(description="Started at or after this time (UTC where no zone is given)")]
Until = Annotated[datetime | None, Query(description="Started before this time")]
Limit = Annotated[int, Query(description="Rows a page", ge=1, le=500)]
Cursor = Annotated[str, Query(description="`next_cursor` of the page before", max_length=500)]
Attempt = Annotated[str | None, Query(description="The application attempt; the latest where absent", max_length=100)]
