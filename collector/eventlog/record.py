"""The row of `ingest_batches`: what a batch, or an imported log, held."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields

import pyarrow as pa

from collector.eventlog.identity import Identity
from collector.eventlog.schemas import table_of


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRecord:
    """One row without identity and `received_at`; what each column means is said in the migrations."""

    source: str
    batch_id: str
    seq: int = 0
    events: int
    bad_lines: int = 0
    unknown_events: int = 0
    dropped_events: int = 0
    body_bytes: int
    path: str = ""
    complete: bool = True
    first_error: str = ""
    counted_events: Mapping[str, int] = field(default_factory=dict)
    malformed_lines: int = 0
    last_line_cut: bool = False
    stream_errors: Sequence[str] = ()
    codecs: Mapping[str, int] = field(default_factory=dict)
    stored_bytes: int = 0

    def table(self, identity: Identity) -> pa.Table:
        """A table of this row."""
        row = (getattr(self, column.name) for column in fields(self))
        return table_of("ingest_batches", identity, [tuple(list(v.items()) if isinstance(v, Mapping) else v for v in row)])
