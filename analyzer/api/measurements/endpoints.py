"""GET /applications/{app_id}/storage-io and /applications/{app_id}/executor-usage."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query

from analyzer.api import cursor as cursors
from analyzer.api.applications.service import resolve_attempt
from analyzer.api.dependencies import Attempt, Cursor, LedgerDep, Limit
from analyzer.api.errors import NOT_FOUND
from analyzer.api.measurements.schemas import ExecutorUsage, ExecutorUsagePage, StorageIO
from analyzer.api.measurements.service import storage_io
from collector.storage import load_sql

router = APIRouter(prefix="/applications", tags=["applications"])
Detail = Annotated[Literal["none", "executors", "stages"], Query(description="Divide by process or by stage attempt, too")]


@router.get("/{app_id}/storage-io", summary="Show requests and bytes by file system", responses=NOT_FOUND)
def get_storage_io(ledger: LedgerDep, app_id: str, attempt: Attempt = None, detail: Detail = "none") -> StorageIO:
    """Requests by kind, bytes, discarded bytes, opens, throttles, retries and their times, by bucket. Needs the plugin on the job."""
    return storage_io(ledger.store, app_id, resolve_attempt(ledger.store, app_id, attempt), detail)


@router.get("/{app_id}/executor-usage", summary="List memory, CPU and machine of each executor", responses=NOT_FOUND)
def list_executor_usage(
    ledger: LedgerDep, app_id: str, attempt: Attempt = None, limit: Limit = 100, cursor: Cursor = ""
) -> ExecutorUsagePage:
    """Peaks of memory, totals of CPU, and instance type, zone and market of every process. Needs the plugin on the job."""
    (after,) = cursors.decode(cursor, str) or ("",)
    attempt_id = resolve_attempt(ledger.store, app_id, attempt)
    parameters = {"app_id": app_id, "attempt_id": attempt_id, "after_executor": after, "rows": limit + 1}
    executors = [ExecutorUsage(**row) for row in ledger.store.rows(load_sql(__file__, "executors"), parameters)]
    next_cursor = cursors.encode(executors[limit - 1].executor_id) if len(executors) > limit else None
    return ExecutorUsagePage(app_id=app_id, attempt_id=attempt_id, executors=executors[:limit], next_cursor=next_cursor)
