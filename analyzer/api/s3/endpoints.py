"""GET /applications/{app_id}/s3."""

from __future__ import annotations

from fastapi import APIRouter

from analyzer.api.applications.service import application
from analyzer.api.dependencies import Attempt, LedgerDep
from analyzer.api.errors import NOT_FOUND
from analyzer.api.s3.schemas import S3Costs
from analyzer.api.s3.service import s3_costs

router = APIRouter(prefix="/applications", tags=["applications"])


@router.get("/{app_id}/s3", summary="Price requests to S3, and the waiting for it", responses=NOT_FOUND)
def get_s3(ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> S3Costs:
    """Requests, their dollars and waiting core time, by table or prefix and by stage: counted with the plugin, else estimated as ranges."""
    return s3_costs(ledger, application(ledger, app_id, attempt))
