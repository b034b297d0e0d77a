"""What the finding endpoints answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from analyzer.api.money import Saving

SeverityName = Literal["info", "low", "medium", "high"]


class Evidence(BaseModel):
    """One measured number behind a finding."""

    name: str = Field(examples=["p50_duration_ms"])
    value: float | str = Field(examples=[812])
    unit: str = Field(description="UCUM-like: `ms`, `By`, `core.s`, `1` for shares and ratios", examples=["ms"])


class Change(BaseModel):
    """What to do about it."""

    summary: str = Field(examples=["let adaptive execution split the skewed partitions"])
    conf: dict[str, str] = Field(description="Spark properties to set", examples=[{"spark.sql.adaptive.skewJoin.enabled": "true"}])
    effort: str = Field(description="low: a setting; medium: a query or table layout; high: a redesign", examples=["low"])
    risk: str
    rollback: str


class Finding(BaseModel):
    """One fault of one application, by one rule."""

    app_id: str
    attempt_id: str
    rule_code: str = Field(examples=["SKW001"])
    fingerprint: str = Field(description="The same for the same fault in every run of the pipeline", examples=["9f86d081884c7d65"])
    category: str = Field(examples=["skew"])
    severity: SeverityName
    subject: str = Field(description="What it is about, without measured values")
    title: str = Field(description="One sentence with the numbers that convince")
    team: str
    pipeline: str
    application_started_at: datetime
    stage_id: int | None
    stage_attempt_id: int | None
    sql_execution_id: int | None
    causes: list[str]
    occurrences: int
    evidence: list[Evidence]
    change: Change
    saving: Saving | None = Field(description="Null where none is claimed")
    share: float = Field(description="High saving as a share (0 to 1) of the application's cost")
    completeness: str = Field(description="`complete`, or what is missing: the numbers are then lower bounds")
    thresholds: dict[str, float] = Field(description="The thresholds that were in force")
    analysed_at: datetime


class ApplicationFindings(BaseModel):
    """All findings of one application attempt, most severe first."""

    app_id: str
    attempt_id: str
    findings: list[Finding]


class FindingPage(BaseModel):
    """One page of findings across applications, most severe first."""

    findings: list[Finding]
    next_cursor: str | None
    waiting_for_analysis: int = Field(description="Applications that no analysis has seen yet, or not since they ended; ask again")
