"""What the import endpoints answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class KnownLog(BaseModel):
    """A log that was imported before; counts are of its content."""

    app_id: str
    attempt_id: str
    events: int
    bad_lines: int
    unknown_events: int
    complete: bool = Field(description="False where the log ended inside a line or a compressed stream")
    first_error: str


class KnownLogAnswer(BaseModel):
    """Whether a log with this content was imported before."""

    known_log: KnownLog | None


class StartAnswer(BaseModel):
    """When an application attempt started; null where no start is known."""

    start_ms: int | None = Field(description="Unix time in milliseconds")


class Stored(BaseModel):
    """What of a batch is durable now."""

    rows: int = Field(examples=[4096])
