"""What the application endpoints answer. Every number carries its unit in its name."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from analyzer.api.money import Cost


class CoreTime(BaseModel):
    """Where the paid core time went; `busy` and `idle` sum to `allocated`, the others are parts of `busy`."""

    allocated_core_s: float = Field(description="Executor lifetimes times cores; the driver's cores in local mode")
    busy_core_s: float = Field(description="With a task on the slot")
    idle_core_s: float = Field(description="Without one")
    unsuccessful_core_s: float = Field(description="In tasks that failed, were killed or had to run again")
    gc_core_s: float = Field(description="In garbage collection, of successful tasks")
    fetch_wait_core_s: float = Field(description="Waiting for shuffle blocks, of successful tasks")
    busy_share: float = Field(description="busy / allocated, 0 to 1", examples=[0.61])


class Completeness(BaseModel):
    """How much of the run is known. Where `complete` is false every sum is a lower bound."""

    complete: bool
    note: str = Field(description="What is missing, in words", examples=["complete"])
    events: int
    dropped_events: int = Field(description="Events that the sender had to give up")
    bad_lines: int = Field(description="Lines that could not be read")
    missing_batches: int = Field(description="Numbered batches of the listener that never came")


class Work(BaseModel):
    """Counts and bytes."""

    executors_added: int
    executors_peak: int
    executors_lost: int = Field(description="Removed for another reason than idleness or shutdown")
    jobs: int
    jobs_failed: int
    stage_attempts: int
    task_ends: int
    tasks_failed: int
    tasks_killed: int
    input_bytes: int
    output_bytes: int
    shuffle_read_bytes: int
    shuffle_write_bytes: int
    disk_spilled_bytes: int
    peak_jvm_heap_bytes: int = Field(description="Greatest heap use of one executor; 0 where not reported")
    allocated_memory_gib_s: float = Field(description="Executor lifetimes times memory with overhead")


class Waste(BaseModel):
    """What all findings together would free; no core-second is blamed twice."""

    low_core_s: float
    high_core_s: float
    low_usd: float
    high_usd: float


class Application(BaseModel):
    """One attempt of one Spark application."""

    app_id: str = Field(examples=["application_1795400000000_0042"])
    attempt_id: str = Field(description="Empty where Spark reports none", examples=["1"])
    name: str = Field(examples=["orders_daily"])
    user: str
    team: str = Field(examples=["growth"])
    team_source: str = Field(description="The rule that named the team")
    pipeline: str = Field(examples=["orders_daily"])
    pipeline_source: str
    spark_version: str = Field(examples=["4.1.4"])
    platform: str = Field(examples=["emr(yarn)"])
    state: Literal["ended", "failed", "lost", "open"] = Field(
        description="`lost`: no end was seen and nothing came for `lost_after_min` minutes; `open`: no end was seen yet"
    )
    ended: bool = Field(description="Whether its end was seen")
    closed_by_timeout: bool = Field(description="Taken as ended by its last event, for nothing came any more; new data reopens it")
    started_at: datetime
    ended_at: datetime = Field(description="Of the last event where no end was seen")
    wall_ms: int
    cost: Cost
    core_time: CoreTime
    work: Work
    waste: Waste
    findings: int = Field(description="How many; see /findings")
    highest_severity: str = Field(description="Empty without a finding", examples=["medium"])
    completeness: Completeness
    rule_errors: dict[str, str] = Field(description="Rules that failed on this application, with their error")
    analysed_at: datetime


class ApplicationPage(BaseModel):
    """One page of applications, newest start first."""

    applications: list[Application]
    next_cursor: str | None = Field(description="Pass as `cursor` for the next page; null on the last")
    waiting_for_analysis: int = Field(description="Applications that no analysis has seen yet, or not since they ended; ask again")


class Facts(BaseModel):
    """The fact sheet: the totals that Spark's own UI would show."""

    app_id: str
    attempt_id: str
    facts: dict[str, Any] = Field(description="Defined one by one in the reference of facts")


class Quantiles(BaseModel):
    """Exact quantiles over successful tasks, level by level."""

    levels: list[float] = Field(examples=[[0, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 1]])
    duration_ms: list[int]
    input_bytes: list[int]
    shuffle_read_bytes: list[int]


class Stage(BaseModel):
    """One stage attempt. Sums are over all task ends, quantiles over successful tasks."""

    stage_id: int
    stage_attempt_id: int
    name: str
    number_of_tasks: int
    submission_time: datetime | None
    completion_time: datetime | None
    failure_reason: str
    sql_execution_id: int | None
    task_ends: int
    tasks_succeeded: int
    tasks_failed: int
    tasks_killed: int
    tasks_resubmitted: int
    tasks_speculative: int
    executors_used: int
    duration_ms: int = Field(description="Sum of task durations")
    unsuccessful_duration_ms: int
    run_time_ms: int
    cpu_time_ns: int
    gc_time_ms: int
    fetch_wait_time_ms: int
    input_bytes: int
    input_records: int
    output_bytes: int
    output_records: int
    shuffle_read_bytes: int
    shuffle_write_bytes: int
    memory_spilled_bytes: int
    disk_spilled_bytes: int
    peak_execution_memory_bytes: int
    peak_jvm_heap_bytes: int
    quantiles: Quantiles
    duration_ms_histogram: list[int] = Field(
        description="Successful tasks by duration: element i, from 1, counts those of 2^(i-1) up to 2^i ms; empty where none succeeded"
    )


class StagePage(BaseModel):
    """One page of stage attempts, in order of their ids."""

    stages: list[Stage]
    next_cursor: str | None
