"""GET /applications/{app_id}/completeness."""

from __future__ import annotations

from fastapi import APIRouter

from analyzer.api.completeness.schemas import CompletenessDetail
from analyzer.api.completeness.service import completeness_of
from analyzer.api.dependencies import Attempt, LedgerDep
from analyzer.api.errors import NOT_FOUND

router = APIRouter(prefix="/applications", tags=["applications"])


@router.get("/{app_id}/completeness", summary="Say what is missing of a run, and why", responses=NOT_FOUND)
def get_completeness(ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> CompletenessDetail:
    """Batches, gaps in their numbers, drops, unreadable lines, the clocks of driver and collector, and what each means."""
    return completeness_of(ledger, app_id, attempt)
