"""What the rule endpoints answer."""

from __future__ import annotations

from pydantic import BaseModel, Field


class Threshold(BaseModel):
    """A number that a rule compares with."""

    name: str = Field(examples=["min_ratio"])
    value: float = Field(examples=[4.0])
    unit: str = Field(examples=["1"])
    source: str
    rationale: str


class RuleSummary(BaseModel):
    """One rule: what it looks for."""

    code: str = Field(description="Three letters and three digits, never used again", examples=["SKW001"])
    title: str = Field(examples=["Some tasks of a stage run far longer than the rest."])
    category: str = Field(examples=["skew"])
    status: str = Field(examples=["preview"])
    since: str = Field(description="The version that brought it", examples=["0.1"])


class RulePage(RuleSummary):
    """One rule with its page and thresholds."""

    thresholds: list[Threshold]
    markdown: str = Field(description="The rule's documentation page")


class RuleList(BaseModel):
    """Every rule, by code."""

    rules: list[RuleSummary]
