"""Answers of the events endpoint."""

from __future__ import annotations

from pydantic import BaseModel, Field


class LineError(BaseModel):
    """A line that could not be read."""

    line: int = Field(description="Its number in the body, from 1", examples=[4])
    reason: str = Field(examples=["no JSON object"])


class Accepted(BaseModel):
    """What became of a batch. Every good line is in the store and survives a kill of the collector."""

    app_id: str = Field(examples=["application_1795400000123_0042"])
    attempt_id: str = Field(description="Empty where Spark has none", examples=["1"])
    events: int = Field(description="Events stored, counting each task end of a block line", examples=[412])
    bad_lines: int = Field(description="Lines that could not be read; they are counted, not kept", examples=[1])
    unknown_events: int = Field(description="Events of a kind that is not stored", examples=[3])
    errors: list[LineError] = Field(description="The first bad lines", max_length=20)
