"""GET /applications/{app_id}/whatif."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from analyzer.api.applications.service import application
from analyzer.api.dependencies import Attempt, LedgerDep
from analyzer.api.errors import NOT_FOUND
from analyzer.api.whatif.schemas import WhatIf
from analyzer.api.whatif.service import executor_counts, what_if
from analyzer.cost.price import GIB
from analyzer.timeline.whatif import Choice

router = APIRouter(prefix="/applications", tags=["applications"])
Executors = Annotated[
    str, Query(description="Fixed executor counts, such as `5,10,20`; a quarter to four times the run's where absent", max_length=300)
]
Cores = Annotated[int | None, Query(description="Cores an executor; as the run had them where absent", ge=1, le=256)]
MemoryGib = Annotated[
    float | None, Query(description="Memory of an executor with overhead, in GiB; per core as it was where absent", gt=0, le=4096)
]
MaxExecutors = Annotated[int | None, Query(description="Dynamic allocation with at most so many executors", ge=1, le=10_000)]
MinExecutors = Annotated[int | None, Query(description="Dynamic allocation with at least so many executors", ge=0, le=10_000)]
InitialExecutors = Annotated[int | None, Query(description="Dynamic allocation with so many executors at first", ge=0, le=10_000)]
IdleTimeout = Annotated[
    float | None, Query(description="Dynamic allocation that releases executors idle so long, in seconds", ge=1, le=86_400)
]
Pareto = Annotated[bool, Query(description="Forty executor counts, from one to four times the run's; instead of `executors`")]


@router.get("/{app_id}/whatif", summary="Predict other executors", responses=NOT_FOUND)
def get_whatif(
    ledger: LedgerDep,
    app_id: str,
    attempt: Attempt = None,
    executors: Executors = "",
    cores: Cores = None,
    memory_gib: MemoryGib = None,
    max_executors: MaxExecutors = None,
    min_executors: MinExecutors = None,
    initial_executors: InitialExecutors = None,
    idle_timeout_s: IdleTimeout = None,
    pareto: Pareto = False,
) -> WhatIf:
    """Wall time, core-hours and dollars on other executors and with skew removed, beside the error of the replay itself."""
    choice = Choice(
        executors=executor_counts(executors),
        cores=cores,
        memory_bytes=None if memory_gib is None else round(memory_gib * GIB),
        max_executors=max_executors,
        min_executors=min_executors,
        initial_executors=initial_executors,
        idle_ms=None if idle_timeout_s is None else round(idle_timeout_s * 1000),
    )
    return what_if(ledger, application(ledger, app_id, attempt), choice, pareto)
