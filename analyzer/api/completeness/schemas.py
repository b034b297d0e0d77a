"""What the completeness of an application consists of."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field


class Delivery(BaseModel):
    """What came one way. Copies of a log, and a log of a run that was sent live, are the same events again."""

    source: Literal["listener", "post", "log"]
    batches: int
    events: int
    bad_lines: int = Field(description="Lines that could not be read")
    unknown_events: int = Field(description="Events of a kind that is not stored; no loss")
    dropped_events: int = Field(description="Events that the sender had to give up")
    cut_off: int = Field(description="Logs that end inside a line or a compressed block")
    missing_batches: int = Field(description="Numbers below the greatest that never came")
    gaps: list[tuple[int, int]] = Field(description="First and last number of each gap; the first twenty")
    first_error: str
    first_received_at: datetime
    last_received_at: datetime


class Remark(BaseModel):
    """One thing that is not as it should be, and what it means."""

    code: Literal[
        "no_start",
        "open",
        "lost",
        "executors_unseen",
        "dropped_events",
        "missing_batches",
        "bad_lines",
        "cut_off",
        "clock_ahead",
        "clock_behind",
    ]
    finding: str
    meaning: str
    hint: str


class CompletenessDetail(BaseModel):
    """How much of a run is known, and why not more."""

    app_id: str
    attempt_id: str
    complete: bool = Field(description="Whether nothing that counts is missing; a clock that is off leaves a run complete")
    state: Literal["ended", "failed", "lost", "open"]
    ended_at: datetime = Field(description="Of the last event where no end was seen")
    deliveries: list[Delivery]
    clock_offset_ms: int | None = Field(
        description="Least time from an event to its arrival, by the driver's clock and the collector's: below 0 where the driver's "
        "is ahead; null for imported logs, of which no event came live"
    )
    remarks: list[Remark]
