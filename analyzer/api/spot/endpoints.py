"""GET /applications/{app_id}/spot."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.api.applications.service import application
from analyzer.api.dependencies import LedgerDep
from analyzer.api.errors import NOT_FOUND
from analyzer.api.spot.schemas import SpotQuery, SpotSuitability
from analyzer.api.spot.service import spot_suitability

router = APIRouter(prefix="/applications", tags=["applications"])


@router.get("/{app_id}/spot", summary="Judge a run for Spot", responses=NOT_FOUND)
def get_spot(ledger: LedgerDep, app_id: str, terms: Annotated[SpotQuery, Query()]) -> SpotSuitability:
    """What Spot would save, how much longer the run would take, with intervals, and how many nodes to keep On-Demand."""
    return spot_suitability(ledger, application(ledger, app_id, terms.attempt), terms)
