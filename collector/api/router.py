"""Everything that the collector serves."""

from __future__ import annotations

from fastapi import APIRouter, Depends

from collector.api.events.endpoints import router as events
from collector.api.guard import require_admin, require_ingest
from collector.api.health import router as health
from collector.api.imports.endpoints import router as imports
from collector.api.tokens.endpoints import router as tokens

router = APIRouter()
for feature in (events, imports):
    router.include_router(feature, prefix="/api/v1", dependencies=[Depends(require_ingest)])
router.include_router(tokens, prefix="/api/v1", dependencies=[Depends(require_admin)])
router.include_router(health)
