"""`POST /api/v1/events`: where listeners send."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request

from collector.api.after_write import tell
from collector.api.body import codec_of, read_body
from collector.api.errors import ErrorBody
from collector.api.events.batch import Batch, decode_batch
from collector.api.events.schemas import Accepted, LineError
from collector.api.guard import charge_bytes
from collector.api.ingest import Ingest
from collector.api.metrics import Metrics
from collector.api.sender import CONTENT_TYPES, sender_of

ERRORS_SHOWN = 20

router = APIRouter(tags=["events"])

_EXAMPLE = (
    '{"Event":"SparkListenerApplicationStart","App Name":"daily-orders","App ID":"application_1795400000123_0042",'
    '"Timestamp":1795400000123,"User":"etl"}\n'
    '{"Event":"SparkListenerApplicationEnd","Timestamp":1795400060123}\n'
)
_REQUEST_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Spark event-log lines, one JSON object a line; `gzip` or `zstd` as Content-Encoding says.",
        "content": {CONTENT_TYPES[0]: {"schema": {"type": "string"}, "example": _EXAMPLE}},
    }
}
_REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "Broken compression, a bad header, or no application to put the events to"},
    401: {"model": ErrorBody, "description": "The collector asks for a token"},
    403: {"model": ErrorBody, "description": "The token lacks the scope `ingest`"},
    408: {"model": ErrorBody, "description": "The body came too slowly"},
    413: {"model": ErrorBody, "description": "Too large, as it came or once decompressed: send fewer lines at once"},
    415: {"model": ErrorBody, "description": "Not event-log lines, or compressed in an unknown way"},
    429: {"model": ErrorBody, "description": "Too much at once: wait as long as Retry-After says"},
    503: {"model": ErrorBody, "description": "The store cannot take it now: wait as long as Retry-After says"},
}


@router.post("/events", summary="Take in event-log lines", responses=_REFUSALS, openapi_extra=_REQUEST_BODY)
async def post_events(
    request: Request,
    app_id: Annotated[str, Header(alias="X-Sparkledger-App-Id", description="`spark.app.id`; may be absent where the body states it")] = "",
    attempt_id: Annotated[str, Header(alias="X-Sparkledger-Attempt-Id", description="Absent where Spark has none")] = "",
    source: Annotated[str, Header(alias="X-Sparkledger-Source", description="`listener` from the listener")] = "",
    batch_seq: Annotated[str, Header(alias="X-Sparkledger-Batch-Seq", description="Number of the batch, from 1")] = "",
    dropped_events: Annotated[str, Header(alias="X-Sparkledger-Dropped-Events", description="Events given up so far")] = "",
) -> Accepted:
    """Answers 200 only when every good line is in the store and survives a kill of the collector.

    Sending a batch again changes nothing. A line that cannot be read is counted and named; the others are kept.
    """
    ingest: Ingest = request.app.state.ingest
    sender, codec = sender_of(request.headers), codec_of(request)
    limits = ingest.limits
    with ingest.admission() as hold:
        wire = await read_body(request, limit_bytes=limits.body_bytes, timeout_s=limits.body_timeout_s, hold=hold)
        charge_bytes(request, len(wire))
        loop = asyncio.get_running_loop()
        batch, cpu_s = await loop.run_in_executor(
            ingest.decoders, _timed, lambda: decode_batch(wire, codec, sender, limit_bytes=limits.decompressed_bytes)
        )
        ingest.metrics.decode_cpu_s.inc(cpu_s)
        await asyncio.wrap_future(ingest.writer.write(batch.tables))
    _count(ingest.metrics, batch, len(wire), sender.dropped_events)
    identity = batch.decoded.identity
    tell(request, identity.app_id, identity.attempt_id, running=not batch.ends)
    return _answer(batch)


def _timed(work: Callable[[], Batch]) -> tuple[Batch, float]:
    """What the work gives, and the seconds of this thread's CPU that it took."""
    began_s = time.thread_time()
    return work(), time.thread_time() - began_s


def _count(metrics: Metrics, batch: Batch, wire_bytes: int, dropped_events: int) -> None:
    metrics.wire_bytes.inc(wire_bytes)
    metrics.body_bytes.inc(batch.body_bytes)
    metrics.events.inc(batch.decoded.events)
    metrics.bad_lines.inc(batch.decoded.bad_line_count)
    metrics.unknown_events.inc(batch.decoded.unknown_events.total())
    identity = batch.decoded.identity
    metrics.dropped(identity.app_id, identity.attempt_id, dropped_events)


def _answer(batch: Batch) -> Accepted:
    decoded = batch.decoded
    return Accepted(
        app_id=decoded.identity.app_id,
        attempt_id=decoded.identity.attempt_id,
        events=decoded.events,
        bad_lines=decoded.bad_line_count,
        unknown_events=decoded.unknown_events.total(),
        errors=[LineError(line=bad.line, reason=bad.reason) for bad in decoded.bad_lines[:ERRORS_SHOWN]],
    )
