"""What the digest endpoints answer. Money is in US dollars, by the price book that the digest names."""

from __future__ import annotations

from pydantic import BaseModel, Field


class DigestSummary(BaseModel):
    """One digest that is kept."""

    team: str = Field(examples=["growth"])
    week: str = Field(description="ISO week", examples=["2026-W47"])
    headline: str = Field(examples=["42 runs of 7 pipelines cost $120.00; $20.00 of it could be saved."])


class DigestList(BaseModel):
    """Kept digests, newest week first."""

    digests: list[DigestSummary]
