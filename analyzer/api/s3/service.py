"""Turning what an application did to S3 into an answer."""

from __future__ import annotations

import math
from collections import defaultdict

from analyzer.api.applications.schemas import Application
from analyzer.api.ledger import Ledger
from analyzer.api.measurements.schemas import StorageIO
from analyzer.api.measurements.service import storage_io
from analyzer.api.s3.schemas import RequestsByKind, S3Bucket, S3Costs, S3Place, S3Stage, S3Waiting, Span
from analyzer.cost.book import PriceBook
from analyzer.profiles.application import read_header
from analyzer.s3.accesses import StageKey
from analyzer.s3.estimate import ASSUMPTIONS
from analyzer.s3.reading import read_s3_use
from analyzer.s3.requests import S3_SCHEMES, Bucket, CountedStage, Range, Requests, bucket_of
from analyzer.s3.use import PlaceUse, S3Use, StageUse

ROWS = 200
"""Places or stage attempts of one answer."""


def s3_costs(ledger: Ledger, application: Application) -> S3Costs:
    """Requests to S3, their dollars, and the waiting for it, of one application attempt."""
    store, app_id, attempt_id = ledger.store, application.app_id, application.attempt_id
    measured = storage_io(store, app_id, attempt_id, "stages")
    buckets = _buckets(measured)
    # Without a bucket of S3 among them, streams of stages are of other stores.
    counted = _counted_stages(measured) if buckets else {}
    header = read_header(store, app_id, attempt_id)
    cpus = header.conf.get("spark.task.cpus", "1")
    use = read_s3_use(store, header, counted, buckets, max(1, int(cpus)) if cpus.isdigit() else 1)
    book, estimated = ledger.options.price_book, not buckets or not all(place.counted for place in use.places)
    return S3Costs(
        app_id=app_id,
        attempt_id=attempt_id,
        price_book=application.cost.price_book,
        prices_as_of=application.cost.prices_as_of,
        counted=bool(buckets),
        requests=_by_kind(use.requests),
        requests_usd=_span(use.requests.usd(book)),
        waiting=_waiting(use.wait_core_ms, application),
        places=[_place(place, book, application) for place in use.places[:ROWS]],
        stages=[_stage(stage, book, application) for stage in use.stages[:ROWS]],
        buckets=[_bucket(bucket, book) for bucket in buckets],
        assumptions=list(ASSUMPTIONS) if use.places and estimated else [],
        notes=_notes(application, use),
    )


def _place(place: PlaceUse, book: PriceBook, application: Application) -> S3Place:
    return S3Place(
        place=place.place,
        access="write" if place.writes else "read",
        accesses=place.accesses,
        files=place.files,
        size_bytes=place.size_bytes,
        requests=_by_kind(place.requests),
        requests_usd=_span(place.requests.usd(book)),
        waiting=_waiting(place.wait_core_ms, application),
        gets_counted=place.counted,
    )


def _stage(stage: StageUse, book: PriceBook, application: Application) -> S3Stage:
    return S3Stage(
        stage_id=stage.stage.key[0],
        stage_attempt_id=stage.stage.key[1],
        name=stage.stage.name,
        places=stage.places,
        gets=_whole(stage.gets),
        writes=_whole(stage.writes),
        requests_usd=_span(stage.requests.usd(book)),
        waiting=_waiting(stage.wait_core_ms, application),
        gets_counted=stage.counted,
    )


def _buckets(measured: StorageIO) -> list[Bucket]:
    """Buckets of S3 that anything was asked of, by name."""
    counters: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for system in measured.file_systems:
        if system.scheme in S3_SCHEMES and system.bucket:
            for name, value in system.counters.items():
                counters[system.bucket][name] += value
    found = [bucket_of(name, counters[name]) for name in sorted(counters)]
    return [bucket for bucket in found if bucket.requests.total.high > 0]


def _counted_stages(measured: StorageIO) -> dict[StageKey, CountedStage]:
    return {(s.stage_id, s.stage_attempt_id): CountedStage(s.tasks, s.counters) for s in measured.stages}


def _bucket(bucket: Bucket, book: PriceBook) -> S3Bucket:
    return S3Bucket(
        bucket=bucket.name,
        requests=_by_kind(bucket.requests),
        requests_usd=bucket.requests.usd(book).high,
        throttled=bucket.throttled,
        retries=bucket.retries,
        read_bytes=bucket.read_bytes,
        discarded_bytes=bucket.discarded_bytes,
    )


def _by_kind(requests: Requests) -> RequestsByKind:
    return RequestsByKind(
        get=_whole(requests.get), head=_whole(requests.head), listing=_whole(requests.listing), write=_whole(requests.write)
    )


def _waiting(wait_core_ms: Range, application: Application) -> S3Waiting:
    allocated_core_ms = application.core_time.allocated_core_s * 1000
    share = wait_core_ms.times(1 / allocated_core_ms).at_most(1.0) if allocated_core_ms > 0 else Range()
    return S3Waiting(core_s=_span(wait_core_ms.times(0.001)), share=_span(share), usd=_span(share.times(application.cost.expected_usd)))


def _span(figure: Range) -> Span:
    return Span(low=figure.low, high=figure.high)


def _whole(requests: Range) -> Span:
    return Span(low=math.floor(requests.low), high=math.ceil(requests.high))


def _notes(application: Application, use: S3Use) -> list[str]:
    if not use.places and not use.stages and not use.buckets:
        return []
    notes = [
        "waiting also holds waits for local disks, for Python workers and for a CPU; it is within the waterfall's waits, not beside them"
    ]
    if use.buckets:
        notes.append("an executor that was killed has not told what it did since its last measurement")
    else:
        notes.append("no plugin counted requests: ranges from plans; scans whose plan names no path, such as Iceberg's, are not in them")
    if not application.completeness.complete:
        notes.append(application.completeness.note)
    return notes
