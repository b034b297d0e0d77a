"""S3 of one application: requests and waiting of its scans and writes, summed by place and by stage attempt.

GETs of a stage are the plugin's count where it has one, and an estimate from the plan elsewhere. What a stage asked and waited is
divided over the scans and writes that it ran, so that the waiting of places sums to that of stages.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from analyzer.s3.accesses import Access, Part, Stage, StageKey, parts_of_stages
from analyzer.s3.estimate import FIRST_BYTE_MS, PARALLEL_RANGES, read_requests, write_requests
from analyzer.s3.requests import NOTHING, Bucket, CountedStage, Range, Requests


@dataclass(slots=True)
class PlaceUse:
    """All scans of one place, or all writes to it."""

    place: str
    writes: bool
    accesses: int = 0
    files: int = 0
    size_bytes: int = 0
    requests: Requests = field(default_factory=Requests)
    wait_core_ms: Range = NOTHING
    counted: bool = False
    """Whether all its GETs are the plugin's count."""


@dataclass(slots=True)
class StageUse:
    """What the tasks of one stage attempt read from S3 and wrote to it; what the driver lists and commits is not theirs."""

    stage: Stage
    places: list[str] = field(default_factory=list)
    gets: Range = NOTHING
    writes: Range = NOTHING
    """PUT, COPY and POST."""
    wait_core_ms: Range = NOTHING
    counted: bool = False
    """Whether its GETs are the plugin's count."""

    @property
    def requests(self) -> Requests:
        return Requests(get=self.gets, write=self.writes)


@dataclass(frozen=True, slots=True)
class S3Use:
    """The whole; places and stages that may have waited longest come first."""

    places: Sequence[PlaceUse]
    stages: Sequence[StageUse]
    buckets: Sequence[Bucket]
    requests: Requests
    """The plugin's count of the buckets where there is one, else the sum over places."""
    wait_core_ms: Range
    """Sum over stages."""


def s3_use(
    stages: Sequence[Stage],
    accesses: Sequence[Access],
    counted: Mapping[StageKey, CountedStage],
    buckets: Sequence[Bucket],
    task_cpus: int,
) -> S3Use:
    """Sum an application's accesses by place and by stage."""
    by_stage: defaultdict[StageKey, list[Part]] = defaultdict(list)
    by_access: defaultdict[Access, list[Part]] = defaultdict(list)
    for part in parts_of_stages(stages, accesses):
        by_stage[part.stage.key].append(part)
        by_access[part.access].append(part)
    places: dict[tuple[str, bool], PlaceUse] = {}
    uses = {stage.key: StageUse(stage) for stage in stages if stage.key in by_stage or _asked(counted.get(stage.key))}
    for access in dict.fromkeys([*accesses, *by_access]):
        place = places.setdefault((access.place, access.writes), PlaceUse(access.place, access.writes, counted=not access.writes))
        _add(place, access, by_access[access], uses, counted)
    for key, use in uses.items():
        told = counted.get(key)
        if told is not None and _asked(told):
            use.gets, use.counted = _gets(told, use.stage), True
        use.wait_core_ms = _waiting(use, told).times(task_cpus)
        for part in by_stage[key]:
            places[part.access.place, part.access.writes].wait_core_ms += use.wait_core_ms.times(part.wait_share)
    whole = sum((bucket.requests for bucket in buckets), Requests())
    if buckets:
        of_bucket = {bucket.name: bucket.requests for bucket in buckets}
        for place in places.values():
            place.requests = place.requests.at_most(of_bucket.get(bucket_in(place.place), whole))
    return S3Use(
        places=sorted(places.values(), key=lambda p: (-p.wait_core_ms.high, -p.requests.total.high, p.place, p.writes)),
        stages=sorted(uses.values(), key=lambda s: (-s.wait_core_ms.high, -s.requests.total.high, s.stage.key)),
        buckets=buckets,
        requests=whole if buckets else sum((place.requests for place in places.values()), Requests()),
        wait_core_ms=sum((use.wait_core_ms for use in uses.values()), NOTHING),
    )


def _add(
    place: PlaceUse, access: Access, parts: Sequence[Part], uses: Mapping[StageKey, StageUse], counted: Mapping[StageKey, CountedStage]
) -> None:
    """Add one access to its place, and its requests to the stages that ran it."""
    place.accesses += 1
    place.files += access.files
    place.size_bytes += access.size_bytes
    for part in parts:
        told = uses[part.stage.key].places
        told += [access.place] if access.place not in told else []
    place.counted = place.counted and bool(parts)
    if access.writes:
        made = write_requests(access.files, access.size_bytes, access.partitions)
        place.requests += made
        for part in parts:
            uses[part.stage.key].writes += made.write.times(1 / len(parts))
        return
    tasks = sum(part.stage.tasks * part.share for part in parts)
    counted_bytes = sum(part.stage.input_bytes * part.share for part in parts)
    made = read_requests(access, tasks, counted_bytes)
    place.requests += replace(made, get=NOTHING)
    for part in parts:
        told_of = counted.get(part.stage.key)
        if told_of is not None and _asked(told_of):
            gets = _gets(told_of, part.stage).times(part.share)
        else:
            place.counted = False
            gets = made.get.times(part.stage.tasks * part.share / tasks)
            uses[part.stage.key].gets += gets
        place.requests += Requests(get=gets)


def _asked(told: CountedStage | None) -> bool:
    """Whether streams of the stage's tasks were counted; without Hadoop's counters by thread, none are."""
    return told is not None and told.tasks > 0 and told.gets > 0


def _gets(told: CountedStage, stage: Stage) -> Range:
    """The count; where it covers a part of the task ends, as of executors that were killed, the others may have asked as many each."""
    return Range(told.gets, told.gets * max(1.0, stage.tasks / told.tasks))


def _waiting(use: StageUse, told: CountedStage | None) -> Range:
    """Task-ms: the first bytes of its GETs at least, and all waiting of its tasks at most."""
    first_bytes_ms = use.gets.low * FIRST_BYTE_MS
    if told is not None and told.first_byte_ms > 0:
        first_bytes_ms = told.first_byte_ms
    if told is None or told.vectored:
        first_bytes_ms /= PARALLEL_RANGES
    return Range(min(first_bytes_ms, use.stage.wait_ms), use.stage.wait_ms)


def bucket_in(place: str) -> str:
    """The bucket of a place such as `s3://lake/events`."""
    return place.partition("://")[2].partition("/")[0]
