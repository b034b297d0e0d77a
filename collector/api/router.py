"""Everything that the collector serves."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from collector.api.events.endpoints import router as events
from collector.api.health import router as health
from collector.api.token import require_token

router = APIRouter()
router.include_router(events, prefix="/api/v1", dependencies=[Depends(require_token)])
router.include_router(health)
