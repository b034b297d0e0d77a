"""From a body to tables: decompress, find out whose events they are, decode, and note that the batch came."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import pyarrow as pa

from collector.api.body import SMALLER, BodyTooLarge, BrokenBody, decompress
from collector.api.errors import refusal
from collector.api.sender import Sender
from collector.eventlog import BatchTooLarge, DecodedBatch, Identity, IdentityUnknown, decode, find_identity
from collector.eventlog.record import BatchRecord

_START = b"SparkListenerApplicationStart"


@dataclass(frozen=True, slots=True)
class Batch:
    """A decoded body. `tables` includes its row of `ingest_batches`."""

    decoded: DecodedBatch
    tables: dict[str, pa.Table]
    body_bytes: int
    """Uncompressed."""

    @property
    def ends(self) -> bool:
        """Whether the application's end is in it."""
        return "applications" in self.tables and "end" in self.tables["applications"]["event"].to_pylist()


def decode_batch(wire: bytes, codec: str, sender: Sender, *, limit_bytes: int) -> Batch:
    """Decode a body. Takes as long as the body is large: for a thread, not for the event loop.

    Raises a 400 or 413 for a body that cannot be taken.
    """
    body = _plain(wire, codec, limit_bytes)
    try:
        decoded = decode(body, _identity(body, sender))
    except IdentityUnknown as error:
        raise refusal(
            400,
            "missing_identity",
            "neither the headers nor the body say which application this is",
            "send X-Sparkledger-App-Id, or SparkListenerApplicationStart in the body; an id is at most 200 printable ASCII characters",
        ) from error
    except BatchTooLarge as error:
        raise refusal(413, "batch_too_large", f"the body {error}", SMALLER) from error
    tables = {name: rows for name, rows in decoded.tables.items() if rows.num_rows}
    tables["ingest_batches"] = _record(decoded, sender, body)
    return Batch(decoded, tables, len(body))


def _plain(wire: bytes, codec: str, limit_bytes: int) -> bytes:
    try:
        return decompress(wire, codec, limit_bytes=limit_bytes)
    except BodyTooLarge as error:
        raise refusal(413, "body_too_large", str(error), SMALLER) from error
    except BrokenBody as error:
        raise refusal(400, "broken_body", str(error), "send the batch again, whole, compressed as Content-Encoding says") from error


def _identity(body: bytes, sender: Sender) -> Identity | None:
    """Whose events these are: the headers' word, which the body must not contradict, else the body's.

    Who posts a log by hand may leave the attempt to the body; a listener sends many batches, which must agree.
    """
    named = sender.identity
    stated = find_identity(body) if _START in body else None
    if named is None or stated is None or stated == named:
        return named or stated
    if stated.app_id == named.app_id and not named.attempt_id and sender.source != "listener":
        return stated
    raise refusal(
        400,
        "identity_conflict",
        f"the headers name {_words(named)} but the body starts {_words(stated)}",
        "send each application's events under its own identity",
    )


def _words(identity: Identity) -> str:
    attempt = f", attempt `{identity.attempt_id}`" if identity.attempt_id else ""
    return f"application `{identity.app_id}`{attempt}"


def _record(decoded: DecodedBatch, sender: Sender, body: bytes) -> pa.Table:
    """The row of `ingest_batches`; a batch that is sent again replaces its row."""
    counted = sender.source == "listener" and sender.seq > 0
    record = BatchRecord(
        source=sender.source,
        batch_id=str(sender.seq) if counted else hashlib.sha256(body).hexdigest()[:32],
        seq=sender.seq,
        events=decoded.events,
        bad_lines=decoded.bad_line_count,
        unknown_events=decoded.unknown_events.total(),
        dropped_events=sender.dropped_events,
        body_bytes=len(body),
        first_error=decoded.first_error,
        counted_events=decoded.counted_events,
        malformed_lines=decoded.malformed_lines,
    )
    return record.table(decoded.identity)
