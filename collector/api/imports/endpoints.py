"""Decoded logs come in here while a server owns the store: the questions that an import asks, and its batches."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from functools import partial
from typing import Any

import pyarrow as pa
from fastapi import APIRouter, Request

from collector.api.after_write import tell
from collector.api.body import read_body
from collector.api.errors import ErrorBody
from collector.api.guard import charge_bytes
from collector.api.imports.schemas import KnownLog, KnownLogAnswer, StartAnswer, Stored
from collector.api.imports.wire import MEDIA_TYPE, check_content_type, decode_tables
from collector.api.ingest import Ingest
from collector.eventlog import Identity
from collector.importing import StoreCatalog

router = APIRouter(prefix="/imports", tags=["imports"])

_REQUEST_BODY: dict[str, Any] = {
    "requestBody": {"required": True, "content": {MEDIA_TYPE: {"schema": {"type": "string", "format": "binary"}}}}
}


@router.get("/logs/{digest}", summary="Was this log imported before?")
def known_log(request: Request, digest: str) -> KnownLogAnswer:
    """By the digest of its compressed content, so that a log is read and sent only once."""
    known = StoreCatalog(request.app.state.store).known_log(digest)
    if known is None:
        return KnownLogAnswer(known_log=None)
    flat = asdict(known)
    return KnownLogAnswer(known_log=KnownLog(**flat.pop("identity"), **flat))


@router.get("/start", summary="When did this attempt start?")
def start(request: Request, app_id: str, attempt_id: str = "") -> StartAnswer:
    """Two runs that share one id differ in it, and are not mixed."""
    return StartAnswer(start_ms=StoreCatalog(request.app.state.store).start_ms(Identity(app_id, attempt_id)))


@router.post(
    "/batches",
    summary="Take in decoded rows",
    responses={code: {"model": ErrorBody} for code in (413, 415, 422, 429)},
    openapi_extra=_REQUEST_BODY,
)
async def post_batch(request: Request) -> Stored:
    """For `sparkledger import`: Arrow streams of raw tables. Answers when the rows are durable; sending them again changes nothing."""
    ingest: Ingest = request.app.state.ingest
    check_content_type(request.headers.get("content-type", ""))
    limits = ingest.limits
    with ingest.admission() as hold:
        body = await read_body(request, limit_bytes=limits.body_bytes, timeout_s=limits.body_timeout_s, hold=hold)
        charge_bytes(request, len(body))
        decoded = partial(decode_tables, body, limit_bytes=limits.decompressed_bytes)
        tables = await asyncio.get_running_loop().run_in_executor(ingest.decoders, decoded)
        await asyncio.wrap_future(ingest.writer.write(tables))
    for app_id, attempt_id in _identities(tables):
        tell(request, app_id, attempt_id, running=False)
    return Stored(rows=sum(table.num_rows for table in tables.values()))


def _identities(tables: dict[str, pa.Table]) -> set[tuple[str, str]]:
    record = tables.get("ingest_batches")
    return set(zip(record["app_id"].to_pylist(), record["attempt_id"].to_pylist(), strict=True)) if record is not None else set()
