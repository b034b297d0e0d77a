"""What the endpoints of the plugin's measurements answer."""

from __future__ import annotations

from pydantic import BaseModel, Field

_COUNTERS = "Hadoop's counters by name, summed over processes; `NAME.time_ms` is the time that its operations took together"


class FileSystem(BaseModel):
    """One bucket, or one scheme where Hadoop counts no buckets."""

    scheme: str = Field(examples=["s3a"])
    bucket: str = Field(description="Empty where a scheme is counted as a whole")
    counters: dict[str, int] = Field(description=_COUNTERS, examples=[{"action_http_get_request": 412}])


class FileSystemOfExecutor(FileSystem):
    """One file system in one process."""

    executor_id: str = Field(description="`driver` for the driver")


class StageFileSystems(BaseModel):
    """The streams that the tasks of one stage attempt read and wrote."""

    stage_id: int
    stage_attempt_id: int
    tasks: int = Field(description="Task ends that the counters cover")
    counters: dict[str, int] = Field(description=_COUNTERS)


class StorageIO(BaseModel):
    """What an application did to file systems, as the plugin counted it."""

    app_id: str
    attempt_id: str
    measured: bool = Field(description="False where no plugin sent anything: then nothing is known, rather than nothing done")
    file_systems: list[FileSystem]
    executors: list[FileSystemOfExecutor] = Field(description="With detail=executors")
    stages: list[StageFileSystems] = Field(description="With detail=stages; empty before Hadoop 3.3.5, which does not count by task")
    truncated: bool = Field(description="There is more than one answer holds")


class ExecutorUsage(BaseModel):
    """What one process used. Bytes are the greatest of its samples, and 0 where its system does not tell."""

    executor_id: str = Field(description="`driver` for the driver")
    samples: int
    peak_process_rss_bytes: int
    peak_child_rss_bytes: int = Field(description="Of all processes that it started, such as Python workers")
    peak_jvm_heap_used_bytes: int = Field(description="Garbage included")
    peak_jvm_heap_after_gc_bytes: int
    jvm_heap_max_bytes: int
    peak_cgroup_working_set_bytes: int
    cgroup_memory_limit_bytes: int = Field(description="0: no limit")
    cgroup_oom_kills: int
    cgroup_throttled_time_ns: int
    process_cpu_time_ns: int
    gc_time_ms: int
    provider: str = Field(description="Of the machine; empty where it is not known", examples=["aws"])
    instance_type: str = Field(examples=["m6g.4xlarge"])
    zone: str = Field(examples=["us-east-1a"])
    life_cycle: str = Field(description="The metadata's word", examples=["spot", "on-demand"])


class ExecutorUsagePage(BaseModel):
    """A page of processes, in order of their ids as text."""

    app_id: str
    attempt_id: str
    executors: list[ExecutorUsage]
    next_cursor: str | None
