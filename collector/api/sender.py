"""What the headers of a batch say about its sender."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import HTTPException
from starlette.datastructures import Headers

from collector.api.errors import refusal
from collector.eventlog import Identity
from collector.eventlog.identity import is_identifier

CONTENT_TYPES = ("application/x-ndjson", "application/ndjson", "application/jsonl")

_COUNT = re.compile(r"[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Sender:
    """Who sent a batch. `identity` is None where only the body can say; `seq` is 0 where the sender does not count."""

    identity: Identity | None
    source: str
    """`listener`, or `post` for anybody else."""
    seq: int
    dropped_events: int


def sender_of(headers: Headers) -> Sender:
    """Read the headers of a batch. Raises a 415 or 400 that names the header."""
    _check_content_type(headers.get("content-type", ""))
    app_id = _identifier(headers, "X-Sparkledger-App-Id")
    attempt_id = _identifier(headers, "X-Sparkledger-Attempt-Id")
    if attempt_id and not app_id:
        raise _bad_header("X-Sparkledger-Attempt-Id", attempt_id, "comes only with X-Sparkledger-App-Id")
    source = headers.get("X-Sparkledger-Source", "")
    if source not in ("", "listener"):
        raise _bad_header("X-Sparkledger-Source", source, "is `listener` or absent")
    return Sender(
        identity=Identity(app_id, attempt_id) if app_id else None,
        source=source or "post",
        seq=_count(headers, "X-Sparkledger-Batch-Seq"),
        dropped_events=_count(headers, "X-Sparkledger-Dropped-Events"),
    )


def _check_content_type(content_type: str) -> None:
    if content_type.partition(";")[0].strip().lower() not in CONTENT_TYPES:
        raise refusal(
            415,
            "unsupported_media_type",
            f"the content type is `{content_type}`" if content_type else "the request has no content type",
            f"send event-log lines, one JSON object a line, with `Content-Type: {CONTENT_TYPES[0]}`",
        )


def _identifier(headers: Headers, name: str) -> str:
    value = headers.get(name, "")
    if value and not is_identifier(value):
        raise _bad_header(name, value, "is at most 200 printable ASCII characters without spaces")
    return value


def _count(headers: Headers, name: str) -> int:
    value = headers.get(name, "")
    if value and not _COUNT.fullmatch(value):
        raise _bad_header(name, value, "is a whole number from 0")
    return int(value or 0)


def _bad_header(name: str, value: str, expected: str) -> HTTPException:
    shown = ascii(value[:80])[1:-1]
    return refusal(400, "bad_header", f"the header {name} is `{shown}`", f"{name} {expected}")
