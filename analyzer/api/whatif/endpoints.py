"""GET /applications/{app_id}/whatif."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.api.applications.service import application
from analyzer.api.dependencies import Attempt, LedgerDep
from analyzer.api.errors import NOT_FOUND
from analyzer.api.whatif.schemas import WhatIf
from analyzer.api.whatif.service import executor_counts, what_if
from analyzer.timeline.whatif import Choice

router = APIRouter(prefix="/applications", tags=["applications"])
Executors = Annotated[
    str, Query(description="Fixed executor counts, such as `5,10,20`; a quarter to four times the run's where absent", max_length=300)
]
Cores = Annotated[int | None, Query(description="Cores an executor; as the run had them where absent", ge=1, le=256)]
MaxExecutors = Annotated[int | None, Query(description="Dynamic allocation with at most so many executors", ge=1, le=10_000)]


@router.get("/{app_id}/whatif", summary="Predict other executors", responses=NOT_FOUND)
def get_whatif(
    ledger: LedgerDep,
    app_id: str,
    attempt: Attempt = None,
    executors: Executors = "",
    cores: Cores = None,
    max_executors: MaxExecutors = None,
) -> WhatIf:
    """Wall time, core-hours and dollars on other executors and with skew removed, beside the error of the replay itself."""
    choice = Choice(executor_counts(executors), cores, max_executors)
    return what_if(ledger, application(ledger, app_id, attempt), choice)
