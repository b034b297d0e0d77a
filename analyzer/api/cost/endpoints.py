"""GET /applications/{app_id}/cost, and POST /applications/{app_id}/cost/reconciliation."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Query

from analyzer.api.applications.service import application
from analyzer.api.cost.schemas import CostComparison, CostQuery, CostReconciliation
from analyzer.api.cost.service import comparison, reconciliation
from analyzer.api.dependencies import LedgerDep
from analyzer.api.errors import NOT_FOUND

router = APIRouter(prefix="/applications", tags=["applications"])
Terms = Annotated[CostQuery, Query()]
JobRun = Annotated[dict[str, Any], Body(description="The answer of GetJobRun, its `jobRun`, or `billedResourceUtilization` alone")]


@router.get("/{app_id}/cost", summary="Price a run on every deployment", responses=NOT_FOUND)
def get_cost(ledger: LedgerDep, app_id: str, terms: Terms) -> CostComparison:
    """EMR on EC2, EMR on EKS and EMR Serverless, item by item with ranges, and the break-even utilisation of its own cluster."""
    return comparison(ledger, application(ledger, app_id, terms.attempt), terms)


@router.post("/{app_id}/cost/reconciliation", summary="Set the estimate against the bill", responses=NOT_FOUND)
def reconcile_cost(ledger: LedgerDep, app_id: str, terms: Terms, job_run: JobRun) -> CostReconciliation:
    """How far the estimate for EMR Serverless is off `billedResourceUtilization`, and why."""
    return reconciliation(ledger, application(ledger, app_id, terms.attempt), terms, job_run)
