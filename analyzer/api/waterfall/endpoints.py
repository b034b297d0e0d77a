"""GET /applications/{app_id}/waterfall."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from analyzer.api.applications.service import application
from analyzer.api.dependencies import Attempt, LedgerDep
from analyzer.api.errors import NOT_FOUND
from analyzer.api.waterfall.schemas import Waterfall
from analyzer.api.waterfall.service import waterfall_of
from analyzer.timeline.memory_use import read_memory_use
from analyzer.timeline.reading import read_history
from analyzer.timeline.waterfall import waterfall

router = APIRouter(prefix="/applications", tags=["applications"])
Detail = Annotated[Literal["none", "executors", "stages"], Query(description="Divide each executor or each stage attempt, too")]


@router.get("/{app_id}/waterfall", summary="Show where the core time went", responses=NOT_FOUND)
def get_waterfall(ledger: LedgerDep, app_id: str, attempt: Attempt = None, detail: Detail = "none") -> Waterfall:
    """Executor lifetime times cores, divided into parts that sum to it to the millisecond, each with the knob that moves it."""
    shown = application(ledger, app_id, attempt)
    history = read_history(ledger.store, app_id, shown.attempt_id)
    memory = read_memory_use(ledger.store, app_id, shown.attempt_id, history.executors)
    return waterfall_of(shown, history, waterfall(history), memory, detail)
