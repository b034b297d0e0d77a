"""What decoding a batch of lines gives."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import pyarrow as pa

from collector.eventlog.identity import Identity
from collector.eventlog.values import Adjustments

MAX_ROWS = 500_000
"""Rows of one batch. Without a bound a body of some kilobytes, decompressed, could ask for any amount of memory."""

MAX_DAYS = 500
"""Days on which the tasks of one batch started. Each is a partition of its own, which costs an insert some milliseconds."""

MAX_BAD_LINES = 100
"""Bad lines that are described one by one; all are counted."""


class BatchTooLarge(Exception):
    """A batch holds more than `MAX_ROWS` or `MAX_DAYS`; the same lines in smaller batches can be decoded."""


@dataclass(frozen=True, slots=True)
class BadLine:
    """A line that was left out. `line` counts from 1 within the log or the request."""

    line: int
    reason: str


@dataclass(slots=True)
class DecodedBatch:
    """Rows by table, and an account of every line."""

    identity: Identity
    tables: dict[str, pa.Table]
    """Tables that have rows; columns as in `schemas.SCHEMAS`, that is the migrations' without `received_at`."""
    lines: int
    """Lines seen, blank ones included."""
    events: int
    """Events read: good lines, where a block line counts the task ends in it."""
    unknown_events: Counter[str]
    """Good lines whose event has a name that no version of Spark that we know writes, by name; part of `events`."""
    bad_lines: list[BadLine]
    """The first `MAX_BAD_LINES` bad lines."""
    bad_line_count: int
    malformed_lines: int
    """Bad lines that are JSON all the same: not the event that they name. Part of `bad_line_count`."""
    counted_events: Counter[str]
    """Good lines of known events that no table holds, by name; part of `events`."""
    adjusted: Adjustments = field(default_factory=Counter)
    """Values that were changed to fit their column, by `table.column`."""
    incomplete: bool = False
    """The last line had no end and could not be read (only where the caller allowed for that)."""

    @property
    def rows(self) -> int:
        return sum(table.num_rows for table in self.tables.values())

    @property
    def first_error(self) -> str:
        """The first bad line in words, else what was changed, else ''."""
        if self.bad_lines:
            return f"line {self.bad_lines[0].line}: {self.bad_lines[0].reason}"
        return adjustments_text(self.adjusted)


def adjustments_text(adjusted: Adjustments) -> str:
    """What was changed to fit, in words; '' where nothing was."""
    changed = ", ".join(f"{count} of {column}" for column, count in sorted(adjusted.items()))
    return f"values out of range were changed: {changed}" if changed else ""
