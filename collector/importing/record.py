"""The account of an imported log; its row of `ingest_batches` is written with the log's last rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

import pyarrow as pa

from collector.eventlog.batch import BadLine, DecodedBatch, adjustments_text
from collector.eventlog.codecs import StreamState
from collector.eventlog.identity import Identity
from collector.eventlog.record import BatchRecord
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, cut

SOURCE = "log"
DESCRIBED = 20
"""Bad lines, and damaged streams, of a log that are told one by one."""


@dataclass(slots=True)
class LogAccount:
    """Sums over the batches of one log."""

    lines: int = 0
    events: int = 0
    bad_lines: int = 0
    malformed_lines: int = 0
    unknown_events: int = 0
    counted_events: Counter[str] = field(default_factory=Counter)
    body_bytes: int = 0
    last_line_cut: bool = False
    cut: str = ""
    """Why the log is not complete, '' where it is."""
    bad: list[BadLine] = field(default_factory=list)
    """The first `DESCRIBED` bad lines, numbered within the log."""
    _adjusted: Adjustments = field(default_factory=Counter)

    def add(self, batch: DecodedBatch, size_bytes: int) -> None:
        """Count one batch of `size_bytes` uncompressed bytes, whose lines are numbered from 1."""
        room = DESCRIBED - len(self.bad)
        self.bad += [BadLine(self.lines + bad.line, bad.reason) for bad in batch.bad_lines[:room]]
        self.lines += batch.lines
        self.events += batch.events
        self.bad_lines += batch.bad_line_count
        self.malformed_lines += batch.malformed_lines
        self.unknown_events += batch.unknown_events.total()
        self.counted_events.update(batch.counted_events)
        self.body_bytes += size_bytes
        self._adjusted.update(batch.adjusted)
        if batch.incomplete:
            self.last_line_cut = True
            self.cut = f"line {self.lines} is unfinished"

    @property
    def first_error(self) -> str:
        """The first bad line, else why the log is incomplete, else what was changed to fit."""
        return cut(next(self.bad_texts(), "") or self.cut or adjustments_text(self._adjusted), TEXT_CHARACTERS)

    def bad_texts(self) -> Iterator[str]:
        """The first bad lines in words."""
        return (f"line {bad.line}: {bad.reason}" for bad in self.bad)

    def row(self, identity: Identity, digest: str, path: str, stored_bytes: int, streams: StreamState) -> pa.Table:
        """The row for `ingest_batches`, without `received_at`, of a log of `stored_bytes` where it lies."""
        record = BatchRecord(
            source=SOURCE,
            batch_id=digest,
            events=self.events,
            bad_lines=self.bad_lines,
            unknown_events=self.unknown_events,
            body_bytes=self.body_bytes,
            path=path,
            complete=not self.cut,
            first_error=self.first_error,
            counted_events=self.counted_events,
            malformed_lines=self.malformed_lines,
            last_line_cut=self.last_line_cut,
            stream_errors=streams.damaged[:DESCRIBED],
            codecs=streams.codecs,
            stored_bytes=stored_bytes,
        )
        return record.table(identity)
