"""What the S3 endpoint answers."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from analyzer.api.money import PriceSource

_COUNTED = "True where it is the plugin's count; False where a part is an estimate from the plan"


class Span(BaseModel):
    """A figure from its least to its greatest; both are equal where it was counted."""

    low: float = Field(ge=0)
    high: float = Field(ge=0)


class RequestsByKind(BaseModel):
    """Requests as S3 bills them."""

    get: Span
    head: Span
    listing: Span = Field(description="LIST")
    write: Span = Field(description="PUT, COPY and POST; DELETE is free")


class S3Waiting(BaseModel):
    """Core time of tasks that waited. It is a part of what the executors cost, and no dollars beside that."""

    core_s: Span = Field(description="Core-seconds")
    share: Span = Field(description="Of allocated core time, 0 to 1")
    usd: Span = Field(description="The same share of the run's expected cost, in US dollars")


class S3Place(BaseModel):
    """All scans of one table or prefix, or all writes to it."""

    place: str = Field(description="The path, with dates and ids replaced by `*`", examples=["s3://lake/events/day=*"])
    access: Literal["read", "write"]
    accesses: int = Field(description="Scans or write commands")
    files: int = Field(description="That were selected or written; 0 for RDDs, whose files are not in the events")
    size_bytes: int = Field(description="Of these files; what RDDs read")
    requests: RequestsByKind
    requests_usd: Span = Field(description="US dollars, beside the run's cost")
    waiting: S3Waiting
    gets_counted: bool = Field(description=_COUNTED)


class S3Stage(BaseModel):
    """What the tasks of one stage attempt asked; listing and committing are the driver's."""

    stage_id: int
    stage_attempt_id: int
    name: str
    places: list[str]
    gets: Span
    writes: Span = Field(description="PUT, COPY and POST")
    requests_usd: Span = Field(description="US dollars, beside the run's cost")
    waiting: S3Waiting
    gets_counted: bool = Field(description=_COUNTED)


class S3Bucket(BaseModel):
    """One bucket as the plugin counted it, over the driver and all executors."""

    bucket: str
    requests: RequestsByKind
    requests_usd: float = Field(description="US dollars")
    throttled: int = Field(description="Requests that S3 throttled, as far as the client tells")
    retries: int
    read_bytes: int
    discarded_bytes: int = Field(description="Fetched, or asked for, and not read")


class S3Costs(PriceSource):
    """Requests to S3 and waiting for it. Their dollars never overlap: requests are beside the run's cost, waiting is within it."""

    app_id: str
    attempt_id: str
    counted: bool = Field(description="Whether the totals of requests are the plugin's count")
    requests: RequestsByKind
    requests_usd: Span = Field(description="US dollars, beside the run's cost")
    waiting: S3Waiting
    places: list[S3Place] = Field(
        description="Those that may have waited longest first, 200 at most; empty where nothing is known to be on S3"
    )
    stages: list[S3Stage] = Field(description="Those that may have waited longest first, 200 at most")
    buckets: list[S3Bucket]
    assumptions: list[str] = Field(description="Of the estimates; empty where there is none")
    notes: list[str] = Field(description="What limits these figures, in words")
