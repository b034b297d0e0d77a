"""What the endpoint of shared reads answers."""

from __future__ import annotations

from pydantic import BaseModel, Field


class SharedRead(BaseModel):
    """One set of files that several applications read: one location, number of files and bytes after partition pruning."""

    location: str = Field(description="As the plan shows it", examples=["InMemoryFileIndex(1 paths)[s3a://lake/events]"])
    partition_filters: str = Field(description="Of the largest read, without Spark's numbers of columns", examples=["[(day = 2026-11-20)]"])
    files: int
    size_bytes: int
    applications: int = Field(description="That read it, two at least")
    reads: int = Field(description="Scans that read a tenth of it or more; a count or a preview is none")
    pipelines: list[str]
    app_ids: list[str] = Field(description="20 at most, the largest reads first")
    bytes_counted: bool = Field(
        description="False where Spark did not count bytes of a read, as those of Parquet from 4.1 on: what was read is at most then"
    )
    read_bytes: int = Field(description="By all of them")
    read_again_bytes: int = Field(description="By all but the largest read")
    read_again_task_s: float = Field(
        description="Task-seconds of these at the pace of the fastest read: the most that storing it once would free"
    )


class SharedReads(BaseModel):
    """Those with most bytes read again first."""

    reads: list[SharedRead]
    applications: int = Field(description="That were looked at: the newest of the time asked for, 500 at most")
    truncated: bool = Field(description="More applications or scans were there than were looked at")
    waiting_for_analysis: int = Field(description="Applications that no analysis has seen yet, or not since they ended")
