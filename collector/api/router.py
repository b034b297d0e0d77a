"""Everything that the collector serves."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from collector.api.events.endpoints import router as events
from collector.api.health import router as health
from collector.api.imports.endpoints import router as imports
from collector.api.token import require_token

router = APIRouter()
for feature in (events, imports):
    router.include_router(feature, prefix="/api/v1", dependencies=[Depends(require_token)])
router.include_router(health)
