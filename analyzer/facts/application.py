"""Facts that any correct profiler must report of an application, each defined in docs/reference/facts.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from analyzer.profiles.application import DRIVER, Executor, Header, peak_executors, read_executors, read_header
from analyzer.profiles.application import __file__ as profiles_file
from collector.storage import Store, load_sql

Facts = dict[str, Any]
_TOTALS = (
    "input_bytes", "input_records", "output_bytes", "output_records", "shuffle_read_remote", "shuffle_read_local", "fetch_wait_ms",
    "shuffle_write_bytes", "shuffle_write_ns", "mem_spill", "disk_spill", "run_ms", "cpu_ns", "gc_ms", "result_bytes", "shuffle_read_bytes",
)  # fmt: skip
_TASK_COUNTS = (
    "task_ends", "distinct_tasks_ended", "tasks_succeeded", "tasks_failed", "tasks_resubmitted", "tasks_killed", "speculative_tasks",
    "tasks_over_1min", "tasks_over_5min", "tasks_over_15min", "peak_metrics_task_ends",
)  # fmt: skip
_COUNTS = (
    "jobs", "jobs_failed", "stages_submitted", "stage_attempts_submitted", "stage_attempts_completed",
    "stage_attempts_failed", "sql_executions", "sql_failed", "stage_executor_metrics_events",
)  # fmt: skip
_STREAMING = "StreamingQueryListener$"
SKEW_MIN_TASKS = 5
"""A stage with fewer successful tasks has no skew ratio."""
SLOWEST_STAGES = 5
SCANS_SHOWN = 5
SHUFFLE_MIN_BYTES = 1 << 20
"""A stage whose largest shuffle partition is smaller has no shuffle skew."""


def application_facts(store: Store, app_id: str, attempt_id: str) -> Facts:
    """The facts of one application attempt; ApplicationNotFound where the store holds no event of it."""
    key = {"app_id": app_id, "attempt_id": attempt_id}
    header = read_header(store, app_id, attempt_id)
    totals = store.rows(load_sql(profiles_file, "totals"), key)[0]
    counts = store.rows(load_sql(profiles_file, "counts"), key)[0]
    return {
        **_identity(header),
        **{name: counts[name] for name in _COUNTS},
        **_account(store.rows(load_sql(__file__, "account"), key)),
        "stages_skipped": counts["stages_planned_not_run"],
        **{name: totals[name] for name in _TASK_COUNTS},
        "tasks_failed_excl_resubmitted": totals["tasks_failed"] - totals["tasks_resubmitted"],
        "task_end_reasons": {r["end_reason"]: r["ends"] for r in store.rows(load_sql(__file__, "end_reasons"), key)},
        "longest_task": _longest(store, key, successful_only=False),
        "longest_successful_task": _longest(store, key, successful_only=True),
        **_stages(store.rows(load_sql(__file__, "stages"), key)),
        **_executors(read_executors(store, header), int(totals["task_duration_ms"])),
        "peak_metrics": {k: v for k, v in store.rows(load_sql(__file__, "peak_metrics"), key)[0].items() if v},
        "s3_in_plans": store.rows(load_sql(__file__, "plan_buckets"), key)[0]["buckets"],
        "file_scan": _file_scan(store.rows(load_sql(__file__, "scan_stages"), key)),
        "file_metrics": {r["name"]: r["total"] for r in store.rows(load_sql(__file__, "file_metrics"), key)},
        "totals_all_task_ends": {name: totals[name] for name in _TOTALS},
        "totals_successful": {name: totals[f"ok_{name}"] for name in _TOTALS},
    }


def _identity(header: Header) -> Facts:
    return {
        "spark_version": header.spark_version or None,
        "dbr_version": header.conf.get("spark.databricks.clusterUsageTags.sparkVersion"),
        "platform": header.platform,
        "app": {
            "name": header.name,
            "id": header.app_id,
            "attempt": header.attempt_id or None,
            "start": header.started_ms,
        },
        "app_ended": header.ended,
        "wall_ms": header.end_ms - header.start_ms if header.ended and header.started_ms is not None else None,
        "span_ms": max(header.last_seen_ms, header.end_ms) - header.start_ms,
        "dynamic_allocation": header.conf.get("spark.dynamicAllocation.enabled", "false").lower() == "true",
    }


def _account(rows: Sequence[Facts]) -> Facts:
    """What was read; none where nothing says so: rows are in the store before the record of their batch."""
    account = rows[0] if rows else {}
    is_log, is_sent = account.get("source") == "log", account.get("source") in (None, "listener")
    counted = account.get("counted_events", {})
    return {
        "events_total": account.get("events_total", 0),
        "bad_lines": account["bad_lines"] - account["malformed_events"] + account["last_line_cut"] if account else 0,
        "malformed_events": account.get("malformed_events", 0),
        # A listener leaves these events in the driver.
        "task_starts": None if is_sent else counted.get("SparkListenerTaskStart", 0),
        "streaming_events": None if is_sent else {name: n for name, n in counted.items() if name.startswith(_STREAMING)},
        "last_line_partial": bool(account["last_line_cut"]) if is_log else None,
        "decode_errors": account["stream_errors"] if is_log else None,
        "codec": account["codecs"] if is_log else None,
        "parts": sum(account["codecs"].values()) if is_log else None,
        "size_compressed": account["stored_bytes"] if is_log else None,
        "size_uncompressed": account["body_bytes"] if is_log else None,
    }


def _longest(store: Store, key: Mapping[str, str], *, successful_only: bool) -> Facts | None:
    rows = store.rows(load_sql(__file__, "longest_task"), {**key, "successful_only": successful_only})
    return rows[0] if rows else None


def _stages(rows: Sequence[Facts]) -> Facts:
    stages = [_stage(row) for row in rows]
    comparable = [s for s in stages if s["tasks"] >= SKEW_MIN_TASKS]
    by_ratio = [s for s in comparable if s["ratio"] is not None]
    by_shuffle = [s for s in comparable if s["shuffle_read_ratio"] is not None and s["shuffle_read_max"] >= SHUFFLE_MIN_BYTES]
    return {
        "worst_stage_ge5": max(by_ratio, key=_ratio, default=None),
        "worst_stage_ge5_max1s": max((s for s in by_ratio if s["max_ms"] >= 1000), key=_ratio, default=None),
        "worst_shuffle_skew": max(by_shuffle, key=lambda s: s["shuffle_read_max"] / s["shuffle_read_median"], default=None),
        "slowest_stages": sorted(stages, key=lambda s: s["sum_ms"], reverse=True)[:SLOWEST_STAGES],
    }


def _file_scan(rows: Sequence[Facts]) -> Facts:
    uncached = [r for r in rows if not r["cached"]]
    return {
        "stages": len(rows),
        "input_bytes": sum(r["input"] for r in rows),
        "stages_uncached": len(uncached),
        "input_bytes_uncached": sum(r["input"] for r in uncached),
        "top": [{k: v for k, v in r.items() if k != "cached"} for r in rows[:SCANS_SHOWN]],
    }


def _ratio(stage: Facts) -> float:
    return float(stage["max_ms"] / stage["median_ms"])


def _stage(row: Facts) -> Facts:
    return {
        **row,
        "ratio": round(row["max_ms"] / row["median_ms"], 2) if row["median_ms"] else None,
        "shuffle_read_ratio": round(row["shuffle_read_max"] / row["shuffle_read_median"], 2) if row["shuffle_read_median"] else None,
    }


def _executors(executors: Sequence[Executor], task_busy_ms: int) -> Facts:
    known = [e for e in executors if e.executor_id != DRIVER]
    added = [e for e in known if e.added] or known
    core_ms = sum(e.lifetime_ms * e.cores for e in added)
    removed = [e for e in added if e.removed]
    return {
        "executors_added": len(added),
        "executors_source": "ExecutorAdded" if all(e.added for e in added) else "TaskEnd",
        "executor_cores": {str(cores): n for cores, n in Counter(e.cores for e in added).items()},
        "executors_peak": peak_executors(added),
        "executors_removed": len(removed),
        "executor_removed_reasons": dict(Counter(e.removed_reason for e in removed)),
        "executors_never_used": sum(1 for e in added if e.task_ends == 0),
        "executor_core_ms": core_ms,
        "task_busy_ms": task_busy_ms,
        "core_utilisation": round(task_busy_ms / core_ms, 4) if core_ms else None,
    }
