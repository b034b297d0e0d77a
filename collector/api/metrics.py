"""What the collector counts, for Prometheus."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, disable_created_metrics
from prometheus_client.gc_collector import GCCollector
from prometheus_client.process_collector import ProcessCollector

from collector.storage.writer import Round

_REQUEST_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_SENDERS_REMEMBERED = 10_000


class Metrics:
    """The metrics of one app, in a registry of its own."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # the library has no annotation there
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self._requests = Counter(
            "sparkledger_http_requests", "Requests by route template", ["method", "route", "status"], registry=self.registry
        )
        self._request_seconds = Histogram(
            "sparkledger_http_request_seconds", "Time to answer", ["method", "route"], buckets=_REQUEST_BUCKETS_S, registry=self.registry
        )
        self.body_bytes = self._counter("ingest_body_bytes", "Bytes of events received, uncompressed")
        self.wire_bytes = self._counter("ingest_wire_bytes", "Bytes of events received, as they came")
        self.decode_cpu_s = self._counter("decode_cpu_seconds", "CPU time spent on decompressing and decoding bodies")
        self.events = self._counter("ingest_events", "Events stored, counting each task end of a block line")
        self.bad_lines = self._counter("ingest_bad_lines", "Lines that could not be read")
        self.unknown_events = self._counter("ingest_unknown_events", "Events of a kind that is not stored")
        self._dropped_events = self._counter("ingest_dropped_events", "Events that senders reported as given up")
        self._dropped_so_far: OrderedDict[tuple[str, str], int] = OrderedDict()
        self._rows = self._counter("insert_rows", "Rows inserted")
        self._insert_failures = self._counter("insert_failures", "Rounds of the writer that failed")
        self._insert_seconds = Histogram(
            "sparkledger_insert_seconds", "Time of one round of the writer", buckets=_REQUEST_BUCKETS_S, registry=self.registry
        )
        self._last_insert = Gauge(
            "sparkledger_last_insert_timestamp_seconds", "Unix time of the last insert, 0 before the first", registry=self.registry
        )

    def watch_queue(self, held_bytes: Callable[[], int]) -> None:
        """Report the bytes that wait for the writer, read when asked."""
        gauge = Gauge("sparkledger_queue_bytes", "Arrow bytes that wait or are being inserted", registry=self.registry)
        gauge.set_function(held_bytes)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._request_seconds.labels(method, route).observe(seconds)

    def dropped(self, app_id: str, attempt_id: str, so_far: int) -> None:
        """Count what a sender gave up since it last said so. Only the senders heard last are remembered."""
        before = self._dropped_so_far.pop((app_id, attempt_id), 0)
        self._dropped_so_far[app_id, attempt_id] = max(so_far, before)
        self._dropped_events.inc(max(so_far - before, 0))
        if len(self._dropped_so_far) > _SENDERS_REMEMBERED:
            self._dropped_so_far.popitem(last=False)

    def insert_round(self, done: Round) -> None:
        """Count one round of the writer."""
        self._insert_seconds.observe(done.seconds)
        if done.error is None:
            self._rows.inc(done.rows)
            self._last_insert.set(time.time())
        else:
            self._insert_failures.inc()

    def _counter(self, name: str, help_text: str) -> Counter:
        return Counter(f"sparkledger_{name}", help_text, registry=self.registry)
