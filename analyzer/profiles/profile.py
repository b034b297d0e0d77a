"""The profile of an application as a whole: what it was given, what it did, what it cost and how complete its events are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from analyzer.cost.book import PriceBook
from analyzer.cost.price import GIB, Cost, Target, application_cost
from analyzer.profiles.application import DRIVER, Executor, Header, peak_executors, read_executors
from analyzer.rules.base import Application, ExecutorLife
from analyzer.rules.failures.removals import RELEASED, cause_of
from analyzer.rules.windows import without
from collector.storage import Store, load_sql

_EPOCH = datetime.fromtimestamp(0, timezone.utc)
_TARGETS = {"emr(serverless)": "emr-serverless", "emr(k8s)": "emr-eks"}


@dataclass(frozen=True, slots=True)
class Profile:
    """Everything that an analysis knows of an application before its rules run."""

    header: Header
    executors: Sequence[Executor]
    totals: Mapping[str, Any]
    """Of `totals.sql`."""
    counts: Mapping[str, Any]
    """Of `counts.sql`."""
    application: Application
    unsuccessful_core_ms: int
    cost: Cost
    target: Target
    """Where the cost takes the application to run."""
    completeness: str
    """`complete`, else what is missing, in words."""
    closed_by_timeout: bool = False
    """No end was seen and nothing came for longer than an application that lives is taken to be silent."""

    @property
    def executors_added(self) -> int:
        """Executors besides the driver."""
        return sum(1 for e in self.executors if e.executor_id != DRIVER)

    @property
    def executors_lost(self) -> int:
        """Executors removed for another reason than idleness or shutdown."""
        return sum(1 for e in self.executors if e.removed and cause_of(e.removed_reason) != RELEASED)

    @property
    def failed(self) -> bool:
        """Whether the last job failed, or the driver ended with another exit code than 0."""
        return bool(self.counts["last_job_failed"]) or self.header.exit_code not in (None, 0)


def read_profile(
    store: Store,
    header: Header,
    book: PriceBook,
    target: Target | None = None,
    silent_since: datetime | None = None,
) -> Profile:
    """The profile of one application attempt, whose stage profiles were built.

    An application without an end is closed where nothing of it came after `silent_since`.
    Where `target` is None the platform decides: EMR Serverless and EMR on EKS for what ran there, EMR on EC2 for all else.
    """
    key = {"app_id": header.app_id, "attempt_id": header.attempt_id}
    executors = read_executors(store, header)
    totals = store.rows(load_sql(__file__, "totals"), key)[0]
    counts = store.rows(load_sql(__file__, "counts"), key)[0]
    slots = store.rows(load_sql(__file__, "slots"), key)[0]
    stages = [(row["first_launch_ms"], row["last_finish_ms"]) for row in store.rows(load_sql(__file__, "stage_windows"), key)]
    application = replace(
        _application(header, executors, int(slots["busy_ms"]), int(totals["ok_result_bytes"])),
        alone=tuple(without(header.start_ms, header.end_ms, stages)),
        open_since_ms=int(counts["open_since_ms"]) or None if not header.ended else None,
        streaming=0 < counts["jobs"] <= 2 * counts["streaming_jobs"],
    )
    received_at = counts["last_received_at"]
    # 1970 where no batch is on record: how long it has been silent is unknown.
    closed = not header.ended and silent_since is not None and _EPOCH < received_at <= silent_since
    target = target or Target(_TARGETS.get(header.platform, "emr-ec2"))
    return Profile(
        header=header,
        executors=executors,
        totals=totals,
        counts=counts,
        application=application,
        unsuccessful_core_ms=int(slots["unsuccessful_ms"]) * application.task_cpus,
        cost=application_cost((e.use for e in executors), book, target),
        target=target,
        completeness=_completeness(header, executors, counts, closed),
        closed_by_timeout=closed,
    )


def build_stage_profiles(store: Store, header: Header, analysed_at: datetime) -> None:
    """Compute the stage profiles of an application within the store."""
    parameters = {"app_id": header.app_id, "attempt_id": header.attempt_id, "analysed_at_ms": int(analysed_at.timestamp() * 1000)}
    store.command(load_sql(__file__, "stage_profiles"), parameters)


def _application(header: Header, executors: Sequence[Executor], busy_ms: int, result_bytes: int) -> Application:
    # Where no addition was seen and no setting tells, the cores are a guess from tasks: enough to sum, too little to judge a shape by.
    shapes = Counter((e.cores if e.cores_known else 0, e.heap_bytes, e.memory_bytes) for e in executors)
    (cores, heap, memory), _ = shapes.most_common(1)[0] if shapes else ((0, 0, 0), 0)
    bare = Application(
        app_id=header.app_id,
        attempt_id=header.attempt_id,
        name=header.name,
        spark_version=header.spark_version,
        wall_ms=header.end_ms - header.start_ms,
        ended=header.ended,
        allocated_core_ms=sum(e.lifetime_ms * e.cores for e in executors),
        busy_core_ms=busy_ms,
        conf=header.conf,
        platform=header.platform,
        executors_peak=peak_executors([e for e in executors if e.executor_id != DRIVER]),
        cores_per_executor=cores,
        heap_bytes_per_executor=heap,
        memory_bytes_per_executor=memory,
        allocated_memory_gb_s=sum(e.lifetime_ms / 1000 * e.memory_bytes / GIB for e in executors),
        executors=tuple(ExecutorLife(e.executor_id, e.cores, e.added_ms, e.removed_ms, e.removed_reason) for e in executors),
        result_bytes=result_bytes,
    )
    return bare if bare.task_cpus == 1 else replace(bare, busy_core_ms=busy_ms * bare.task_cpus)


def _completeness(header: Header, executors: Sequence[Executor], counts: Mapping[str, Any], closed: bool) -> str:
    missing = []
    if header.started_ms is None:
        missing.append("the start was never seen")
    if not header.ended:
        missing.append(
            "the end was never seen, and nothing came for so long that it is taken as lost" if closed else "the end was never seen"
        )
    unannounced = sum(1 for e in executors if not e.added)
    if unannounced:
        missing.append(f"the start of {unannounced:,} of {len(executors):,} executors was never seen")
    if counts["dropped_events"]:
        missing.append(f"{counts['dropped_events']:,} events lost by the sender")
    if counts["missing_batches"]:
        missing.append(f"{counts['missing_batches']:,} batches of the listener never came")
    if counts["bad_lines"]:
        missing.append(f"{counts['bad_lines']:,} lines could not be read")
    if counts["truncated_batches"]:
        missing.append("a log was cut off")
    return "; ".join(missing) or "complete"
