"""Decoded logs come in here while a server owns the store: the questions that an import asks, and its batches."""

from __future__ import annotations

import asyncio

import pyarrow as pa
from fastapi import APIRouter, Request
from starlette.concurrency import run_in_threadpool

from analyzer.api.dependencies import LedgerDep
from analyzer.api.errors import ErrorBody, too_large
from analyzer.api.imports.schemas import KnownLog, KnownLogAnswer, StartAnswer, Stored
from analyzer.api.imports.wire import MEDIA_TYPE, decode_tables
from collector.storage import load_sql

router = APIRouter(prefix="/imports", tags=["imports"])


@router.get("/logs/{digest}", summary="Was this log imported before?")
def known_log(ledger: LedgerDep, digest: str) -> KnownLogAnswer:
    """By the digest of its compressed content, so that a log is read and sent only once."""
    rows = ledger.store.rows(load_sql(__file__, "known_log"), {"digest": digest})
    return KnownLogAnswer(known_log=KnownLog(**rows[0]) if rows else None)


@router.get("/start", summary="When did this attempt start?")
def start(ledger: LedgerDep, app_id: str, attempt_id: str = "") -> StartAnswer:
    """Two runs that share one id differ in it, and are not mixed."""
    rows = ledger.store.rows(load_sql(__file__, "start"), {"app_id": app_id, "attempt_id": attempt_id})
    return StartAnswer(start_ms=rows[0]["start_ms"] if rows else None)


@router.post(
    "/batches",
    summary="Take in decoded rows",
    responses={code: {"model": ErrorBody} for code in (413, 422, 429)},
    openapi_extra={"requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}},
)
async def post_batch(request: Request) -> Stored:
    """For `sparkledger import`: Arrow streams of raw tables. Answers when the rows are durable; sending them again changes nothing."""
    body = await _body(request, request.app.state.settings.ingest.body_bytes)
    tables = await run_in_threadpool(decode_tables, body)
    await asyncio.wrap_future(request.app.state.ingest.writer.write(tables))
    for app_id, attempt_id in _identities(tables):
        for callback in request.app.state.after_write:
            callback(app_id, attempt_id)
    return Stored(rows=sum(table.num_rows for table in tables.values()))


async def _body(request: Request, limit_bytes: int) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > limit_bytes:
            raise too_large("body_too_large", f"the batch is larger than {limit_bytes:,} bytes", "raise `ingest.body_bytes` of the server")
    return bytes(body)


def _identities(tables: dict[str, pa.Table]) -> set[tuple[str, str]]:
    record = tables.get("ingest_batches")
    return set(zip(record["app_id"].to_pylist(), record["attempt_id"].to_pylist(), strict=True)) if record is not None else set()
