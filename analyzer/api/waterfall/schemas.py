"""What the waterfall endpoint answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from analyzer.api.money import PriceSource


class Part(BaseModel):
    """One part of the core time that was paid for."""

    name: str = Field(examples=["waiting_on_stragglers"])
    label: str = Field(description="For people", examples=["waiting on stragglers"])
    kind: Literal["slot_idle", "lost", "in_task"] = Field(
        description="slot_idle: no task held the core; lost: a task whose result was not used; in_task: inside a successful task"
    )
    core_ms: int = Field(description="Core-milliseconds; the parts sum to allocated_core_ms", ge=0)
    share: float = Field(description="Of what was allocated, 0 to 1", ge=0, le=1)
    usd: float = Field(description="The same share of the expected cost, in US dollars", ge=0)
    knob: str = Field(description="What to change to make it smaller")


class Clipped(BaseModel):
    """Task time that is in no part, because it does not fit what was allocated."""

    over_cores_core_ms: int = Field(description="More tasks at once than slots: Spark's finish time holds the result fetch", ge=0)
    outside_life_core_ms: int = Field(description="Before the addition or after the removal of the executor", ge=0)
    unknown_executor_core_ms: int = Field(description="On executors whose addition was never seen", ge=0)


class Memory(BaseModel):
    """What executors were given and used over their lives; GB = 2^30 bytes. Use is of the executors that reported it."""

    allocated_gb_h: float = Field(description="Executor lifetime times memory, with overhead, of all executors", ge=0)
    reported_gb_h: float = Field(description="The part of it in executors that reported their use", ge=0)
    used_at_peak_gb_h: float = Field(description="Of these, as if each had used its greatest peak for all its life", ge=0)
    used_on_average_gb_h: float = Field(description="Of these, by the mean of the peaks that were seen while tasks ran", ge=0)
    executors: int = Field(ge=0)
    executors_reporting: int = Field(ge=0)


class ExecutorParts(BaseModel):
    """The parts of one executor's life; they sum to its lifetime times its cores."""

    executor_id: str
    cores: int
    allocated_core_ms: int
    parts: dict[str, int] = Field(description="Core-milliseconds by name of the part; parts of 0 are left out")


class StageParts(BaseModel):
    """What the tasks of one stage attempt held; idle time belongs to no stage."""

    stage_id: int
    stage_attempt_id: int
    name: str
    held_core_ms: int
    parts: dict[str, int] = Field(description="Core-milliseconds by name of the part; parts of 0 are left out")


class Waterfall(PriceSource):
    """The partition of executor lifetime times cores."""

    app_id: str
    attempt_id: str
    allocated_core_ms: int = Field(description="Executor lifetime times cores; the driver's in local mode", ge=0)
    cost_usd: float = Field(description="The expected cost that the parts divide, in US dollars")
    parts: list[Part]
    memory: Memory
    clipped: Clipped
    notes: list[str] = Field(description="What limits these figures, in words")
    executors: list[ExecutorParts] = Field(description="With detail=executors: by allocated core time, 500 at most")
    stages: list[StageParts] = Field(description="With detail=stages: by core time held, 500 at most")
