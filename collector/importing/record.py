"""The row of `ingest_batches` that says what an imported log held; written with the log's last rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa

from collector.eventlog.batch import DecodedBatch, adjustments_text
from collector.eventlog.identity import Identity
from collector.eventlog.schemas import table_of
from collector.eventlog.values import TEXT_CHARACTERS, Adjustments, cut

SOURCE = "log"


@dataclass(slots=True)
class LogAccount:
    """Sums over the batches of one log."""

    lines: int = 0
    events: int = 0
    bad_lines: int = 0
    unknown_events: int = 0
    body_bytes: int = 0
    cut: str = ""
    """Why the log is not complete, '' where it is."""
    _first_bad: str = ""
    _adjusted: Adjustments = field(default_factory=Counter)

    def add(self, batch: DecodedBatch, size_bytes: int) -> None:
        """Count one batch of `size_bytes` uncompressed bytes."""
        self.lines += batch.lines
        self.events += batch.events
        self.bad_lines += batch.bad_line_count
        self.unknown_events += batch.unknown_events.total()
        self.body_bytes += size_bytes
        self._adjusted.update(batch.adjusted)
        if batch.bad_lines and not self._first_bad:
            self._first_bad = batch.first_error
        if batch.incomplete:
            self.cut = f"line {self.lines} is unfinished"

    @property
    def first_error(self) -> str:
        """The first bad line, else why the log is incomplete, else what was changed to fit."""
        return cut(self._first_bad or self.cut or adjustments_text(self._adjusted), TEXT_CHARACTERS)

    def row(self, identity: Identity, digest: str, path: Path) -> pa.Table:
        """The row for `ingest_batches`, without `received_at`."""
        row = (
            SOURCE,
            digest,
            0,
            self.events,
            self.bad_lines,
            self.unknown_events,
            0,
            self.body_bytes,
            str(path),
            not self.cut,
            self.first_error,
        )
        return table_of("ingest_batches", identity, [row])
