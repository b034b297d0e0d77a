"""What the Spot endpoint takes and answers."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from analyzer.api.money import PriceSource


class SpotQuery(BaseModel):
    """What is taken for granted of Spot capacity; the price book's figures where nothing is said."""

    model_config = ConfigDict(extra="forbid")

    attempt: str | None = Field(None, description="The application attempt; the latest where absent", max_length=100)
    discount: float | None = Field(None, ge=0, lt=1, description="Spot discount on the EC2 part")
    reclaims_h: float | None = Field(None, ge=0, le=10, description="Reclaims of one instance an hour; estimated where absent")
    batch: float | None = Field(None, ge=1, le=1000, description="Instances that one event takes, on average")
    decommission: bool | None = Field(None, description="Whether shuffle output moves before a node goes; as configured where absent")


class Spread(BaseModel):
    """The mean, and the ends of the central 90 %."""

    low: float
    mean: float
    high: float


class SpotOption(BaseModel):
    """One On-Demand share, against everything On-Demand."""

    on_demand_share: float = Field(examples=[0.25])
    saving_usd: Spread = Field(description="A run, in US dollars")
    delay_ms: Spread = Field(description="How much longer the run takes")
    rerun_core_s: Spread = Field(description="Core-seconds of work done again")
    nodes_reclaimed: float = Field(description="In a run, on average")
    within_delay_budget: bool = Field(description="Nineteen of twenty runs are delayed by less than a tenth")


class SpotStage(BaseModel):
    """One stage under reclaims, at the estimated rate; first-order estimates."""

    stage_id: int
    tasks: int
    task_s: float
    longest_task_s: float
    long_share: float = Field(description="Share of its task time in tasks longer than the notice")
    kill_share: float = Field(description="Chance that a reclaim kills the task that it meets")
    rework_task_s: Spread = Field(description="Task time done again in a run, killed tasks and lost output")
    stall_s: Spread = Field(description="Seconds that others wait for it in a run, at most")
    saving_usd: Spread = Field(description="Its part of the saving less rework and stall, all nodes Spot, in US dollars a run")


class ReclaimEvidence(BaseModel):
    """Where the rate comes from."""

    mean_per_instance_h: float
    low_per_instance_h: float
    high_per_instance_h: float
    reclaims_seen: int = Field(description="In all applications of the store that ran on Spot")
    instance_h_seen: float
    applications: int
    own_reclaims: int = Field(description="In this application")
    assumed_per_instance_h: float
    assumption_weighs_h: float
    basis: str


class SpotSuitability(PriceSource):
    """What Spot would save an application, what it would cost in time, and where it stops paying."""

    app_id: str
    attempt_id: str
    verdict: str = Field(description="suits Spot, suits Spot with On-Demand nodes, or keep On-Demand")
    recommended: SpotOption
    options: list[SpotOption]
    on_demand_usd: float = Field(description="The executors of the run, all On-Demand")
    discount: float = Field(description="On the EC2 part; the EMR fee is not discounted")
    kill_share: float
    long_share: float
    overhead: float = Field(description="More executor time because of reclaims, all nodes Spot")
    break_even_discount: float = Field(description="Below this discount Spot costs more")
    break_even_per_instance_h: float | None = Field(description="Above about so many reclaims it does; null where it is out of reach")
    wall_ms: int
    nodes: int
    replays: int = Field(description="Replays behind the intervals")
    rate: ReclaimEvidence
    stages: list[SpotStage] = Field(description="Those with most task time, 50 at most")
    notes: list[str]
