"""What the what-if endpoint answers."""

from __future__ import annotations

from pydantic import BaseModel, Field

from analyzer.api.money import PriceSource


class Configuration(BaseModel):
    """Time and money of one configuration."""

    name: str = Field(examples=["20 x 4 cores"])
    executors_peak: int = Field(description="The most executors at one time", ge=0)
    cores_per_executor: int = Field(ge=1)
    wall_ms: int = Field(description="From the application's start to its end, in milliseconds", ge=0)
    core_h: float = Field(description="Executor lifetime times cores, in core-hours", ge=0)
    low_usd: float = Field(description="US dollars, low end", ge=0)
    expected_usd: float = Field(description="US dollars, as expected", ge=0)
    high_usd: float = Field(description="US dollars, high end", ge=0)
    conf: dict[str, str] = Field(description="Spark properties that bring it about; empty where none do")
    on_front: bool = Field(description="No other scenario is both faster and cheaper")


class Advice(BaseModel):
    """One scenario worth choosing, against the replay of what ran."""

    goal: str = Field(examples=["cheapest within a tenth more time"])
    scenario: str = Field(examples=["5 x 4 cores"])
    time_change: float = Field(description="(scenario - replayed) / replayed", examples=[0.06])
    cost_change: float = Field(description="(scenario - replayed) / replayed", examples=[-0.31])
    saving_low_usd: float = Field(description="A run, in US dollars; negative where it costs more")
    saving_high_usd: float
    conf: dict[str, str]
    risk: str


class ModelError(BaseModel):
    """How far the replay of what really ran is from what really ran: (replayed - actual) / actual."""

    wall: float = Field(examples=[-0.012])
    core_time: float = Field(examples=[-0.02])


class WhatIf(PriceSource):
    """What ran, the replay of what ran, and what would have been."""

    app_id: str
    attempt_id: str
    target: str = Field(description="What was priced: emr-ec2, emr-eks or emr-serverless", examples=["emr-ec2"])
    actual: Configuration
    replayed: Configuration = Field(description="The configuration that really ran, through the same model as the scenarios")
    error: ModelError
    scenarios: list[Configuration]
    advice: list[Advice] = Field(description="Empty where nothing is worth choosing, or the replay is too far off to say")
    critical_path_ms: int = Field(description="Wall time with executors without number: no configuration is faster, in ms")
    notes: list[str] = Field(description="What the replay takes for granted, in words")
