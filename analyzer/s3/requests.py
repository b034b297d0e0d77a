"""Requests to S3 as ranges, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from analyzer.cost.book import PriceBook


@dataclass(frozen=True, slots=True)
class Range:
    """A figure from its least to its greatest; both ends are equal where it was counted."""

    low: float = 0.0
    high: float = 0.0

    def __add__(self, other: Range) -> Range:
        return Range(self.low + other.low, self.high + other.high)

    def times(self, factor: float) -> Range:
        """The range scaled by a factor that is not negative."""
        return Range(self.low * factor, self.high * factor)

    def at_most(self, bound: float) -> Range:
        """The range with both ends at `bound` or below."""
        return Range(min(self.low, bound), min(self.high, bound))


NOTHING = Range()


@dataclass(frozen=True, slots=True)
class Requests:
    """Requests by what S3 bills them as; deletes are free."""

    get: Range = NOTHING
    head: Range = NOTHING
    listing: Range = NOTHING
    write: Range = NOTHING
    """PUT, COPY and POST."""

    def __add__(self, other: Requests) -> Requests:
        return Requests(self.get + other.get, self.head + other.head, self.listing + other.listing, self.write + other.write)

    @property
    def total(self) -> Range:
        """All that are billed."""
        return self.get + self.head + self.listing + self.write

    def usd(self, book: PriceBook) -> Range:
        """Their price: GET and HEAD are one tier of the list, LIST, PUT, COPY and POST another."""
        return (self.get + self.head).times(book.s3_get_usd) + (self.listing + self.write).times(book.s3_list_usd)

    def at_most(self, others: Requests) -> Requests:
        """Each kind at most the high end of the same kind in `others`."""
        return Requests(
            self.get.at_most(others.get.high),
            self.head.at_most(others.head.high),
            self.listing.at_most(others.listing.high),
            self.write.at_most(others.write.high),
        )


@dataclass(frozen=True, slots=True)
class Bucket:
    """One bucket as the plugin counted it, over all processes of the application."""

    name: str
    requests: Requests
    throttled: int
    retries: int
    read_bytes: int
    discarded_bytes: int
    """Fetched and never read: the rest of a GET that was drained or cut off."""


S3_SCHEMES = ("s3", "s3a", "s3n")
DISCARDED = (
    "stream_read_bytes_discarded_in_close",
    "stream_read_bytes_discarded_in_abort",
    "stream_read_seek_bytes_discarded",
    "stream_read_vectored_read_bytes_discarded",
)
"""Hadoop's counters of bytes that a stream fetched, or was promised, and did not hand on."""


def counted_requests(counters: Mapping[str, int]) -> Requests:
    """Requests from Hadoop's counters of a file system. An upload in parts is started by one POST and, unless aborted, ended by another.

    GETs of analytics streams are a range: they share what they fetched of an object, and requests of one that is opened again are
    counted on a stream that is closed by then (Hadoop 3.5.0, measured 2026-11), so that each open may have asked once more.
    """
    gets = counters.get("action_http_get_request", 0)
    started, aborted = counters.get("object_multipart_initiated", 0), counters.get("object_multipart_aborted", 0)
    posts = started + max(0, started - aborted)
    return Requests(
        get=Range(gets, gets + counters.get("stream_read_analytics_opened", 0)),
        head=_exactly(counters.get("action_http_head_request", 0)),
        listing=_exactly(sum(counters.get(f"object_{name}", 0) for name in ("list_request", "continue_list_request", "multipart_list"))),
        write=_exactly(counters.get("object_put_request", 0) + counters.get("object_copy_requests", 0) + posts),
    )


def bucket_of(name: str, counters: Mapping[str, int]) -> Bucket:
    """A bucket from Hadoop's counters of it."""
    return Bucket(
        name=name,
        requests=counted_requests(counters),
        throttled=counters.get("store_io_throttled", 0),
        retries=counters.get("store_io_retry", 0),
        read_bytes=counters.get("stream_read_bytes", 0),
        discarded_bytes=sum(counters.get(name, 0) for name in DISCARDED),
    )


@dataclass(frozen=True, slots=True)
class CountedStage:
    """What the tasks of one stage attempt did to streams, as the plugin counted it."""

    tasks: int
    """Task ends that the counters cover."""
    counters: Mapping[str, int] = field(default_factory=dict)

    @property
    def gets(self) -> int:
        return self.counters.get("action_http_get_request", 0)

    @property
    def first_byte_ms(self) -> int:
        """From the start of each GET to its answer, summed; several may run at once. 0 for streams that do not time it."""
        return self.counters.get("action_http_get_request.time_ms", 0)

    @property
    def vectored(self) -> bool:
        """Whether streams fetched several ranges at once."""
        return self.counters.get("stream_read_vectored_operations", 0) > 0


def _exactly(number: float) -> Range:
    return Range(number, number)
