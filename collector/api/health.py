"""For those who watch over the process: alive, ready, measured."""

from __future__ import annotations

import anyio.to_thread
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from collector.api.errors import ErrorBody, refusal
from collector.api.ingest import Ingest
from collector.storage import Store, StoreError
from collector.storage.migrations import pending_migrations

router = APIRouter(tags=["operations"])


class Alive(BaseModel):
    """The process answers."""

    status: str = "ok"


class Ready(BaseModel):
    """Every part is able to serve."""

    status: str = "ready"
    store: str
    """Where the data is."""


@router.get("/healthz", summary="Is the process alive?")
async def healthz() -> Alive:
    """Answers as long as the process serves at all; says nothing about the store."""
    return Alive()


@router.get("/readyz", summary="Can it take events and answer queries?", responses={503: {"model": ErrorBody}})
async def readyz(request: Request) -> Ready:
    """The store answers, its tables are up to date and the writer is at work; 503 with the reason otherwise."""
    store: Store = request.app.state.store
    ingest: Ingest = request.app.state.ingest
    try:
        # In threads of its own: it has to be told while all that answer readers are taken.
        pending = await anyio.to_thread.run_sync(pending_migrations, store, limiter=ingest.ready_threads)
    except StoreError as error:
        raise refusal(503, "not_ready", "the store does not answer or does not fit this version", error.hint, retry_after_s=5) from error
    if pending:
        raise refusal(503, "not_ready", f"the store lacks {len(pending)} migrations", "run `sparkledger migrate`", retry_after_s=30)
    if not ingest.writer.alive:
        raise refusal(503, "not_ready", "the writer has stopped", "restart the collector", retry_after_s=5)
    return Ready(store=store.location)


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Requests, ingestion and inserts, in Prometheus' text format."""
    ingest: Ingest = request.app.state.ingest
    return Response(generate_latest(ingest.metrics.registry), media_type=CONTENT_TYPE_LATEST)
