"""The outcome of an analysis, and the rows that it is stored as."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import Any

import pyarrow as pa

from analyzer.ownership import Owner
from analyzer.profiles.profile import Profile
from analyzer.rules.base import Thresholds
from analyzer.rules.pricing import PricedFinding

_TIME = pa.timestamp("ms", "UTC")
_FINDING_TYPES = {
    "stage_id": pa.uint32(),
    "stage_attempt_id": pa.uint32(),
    "sql_execution_id": pa.int64(),
    "causes": pa.list_(pa.string()),
    "occurrences": pa.uint32(),
    **dict.fromkeys(
        (
            "saving_low_core_s",
            "saving_high_core_s",
            "saving_low_memory_gb_s",
            "saving_high_memory_gb_s",
            "saving_low_usd",
            "saving_high_usd",
            "share",
        ),
        pa.float64(),
    ),
    "application_started_at": _TIME,
    "analysed_at": _TIME,
}
_PROFILE_TYPES = {
    "started_at": _TIME,
    "ended_at": _TIME,
    "analysed_at": _TIME,
    "last_received_at": _TIME,
    "missing_batches": pa.uint64(),
    "rule_errors": pa.map_(pa.string(), pa.string()),
}


@dataclass(frozen=True, slots=True)
class ApplicationAnalysis:
    """What one analysis came to."""

    profile: Profile
    owner: Owner
    findings: Sequence[PricedFinding]
    """The heaviest first."""
    rule_errors: Mapping[str, str]
    """Error of each rule that failed, by its code."""
    price_book: str
    analysed_at: datetime
    thresholds: Mapping[str, Thresholds]
    """In force, by rule code."""


def finding_rows(analysis: ApplicationAnalysis) -> pa.Table:
    """Rows of the table `findings`, none where there is no finding."""
    rows = [_finding_row(analysis, priced) for priced in analysis.findings]
    return _table(rows, _FINDING_TYPES)


def profile_row(analysis: ApplicationAnalysis) -> pa.Table:
    """The row of the table `application_profiles`."""
    profile = analysis.profile
    header, application, totals, counts = profile.header, profile.application, profile.totals, profile.counts
    claimed = [p.finding.saving for p in analysis.findings if p.finding.saving]
    heaviest = max((p.finding.severity for p in analysis.findings), default=None)
    row = {
        "app_id": header.app_id,
        "attempt_id": header.attempt_id,
        "name": header.name,
        "user": header.user,
        "team": analysis.owner.team,
        "team_source": analysis.owner.team_source,
        "pipeline": analysis.owner.pipeline,
        "pipeline_source": analysis.owner.pipeline_source,
        "spark_version": header.spark_version,
        "platform": header.platform,
        "started_at": _moment(header.start_ms),
        "ended_at": _moment(header.end_ms),
        "ended": header.ended,
        "failed": profile.failed,
        "wall_ms": application.wall_ms,
        "executors_added": profile.executors_added,
        "executors_peak": application.executors_peak,
        "executors_lost": profile.executors_lost,
        "allocated_core_ms": application.allocated_core_ms,
        "busy_core_ms": application.busy_core_ms,
        "idle_core_ms": application.idle_core_ms,
        "unsuccessful_core_ms": profile.unsuccessful_core_ms,
        # A task that waits holds all of its cores; these stand beside core time.
        "gc_ms": totals["ok_gc_ms"] * application.task_cpus,
        "fetch_wait_ms": totals["ok_fetch_wait_ms"] * application.task_cpus,
        "cpu_ms": totals["ok_cpu_ns"] // 1_000_000,
        "allocated_memory_gb_s": application.allocated_memory_gb_s,
        "jobs": counts["jobs"],
        "jobs_failed": counts["jobs_failed"],
        "stage_attempts": counts["stage_attempts_submitted"],
        "task_ends": totals["task_ends"],
        "tasks_failed": totals["tasks_failed"],
        "tasks_killed": totals["tasks_killed"],
        "input_bytes": totals["input_bytes"],
        "output_bytes": totals["output_bytes"],
        "shuffle_read_bytes": totals["shuffle_read_bytes"],
        "shuffle_write_bytes": totals["shuffle_write_bytes"],
        "disk_spilled_bytes": totals["disk_spill"],
        "peak_jvm_heap_bytes": totals["peak_jvm_heap_bytes"],
        "cost_low_usd": profile.cost.low_usd,
        "cost_usd": profile.cost.usd,
        "cost_high_usd": profile.cost.high_usd,
        "cost_target": profile.target.kind,
        "price_book": analysis.price_book,
        "findings": len(analysis.findings),
        "highest_severity": "" if heaviest is None else str(heaviest),
        "waste_low_core_s": sum(s.low_core_s for s in claimed),
        "waste_high_core_s": sum(s.high_core_s for s in claimed),
        "waste_low_usd": sum(p.saving_low_usd or 0.0 for p in analysis.findings),
        "waste_high_usd": sum(p.saving_high_usd or 0.0 for p in analysis.findings),
        "events": counts["events_total"],
        "dropped_events": counts["dropped_events"],
        "bad_lines": counts["bad_lines"],
        "completeness": profile.completeness,
        "rule_errors": list(analysis.rule_errors.items()),
        "analysed_at": analysis.analysed_at,
        "closed_by_timeout": profile.closed_by_timeout,
        "last_received_at": counts["last_received_at"],
        "missing_batches": counts["missing_batches"],
    }
    return _table([row], _PROFILE_TYPES)


def _finding_row(analysis: ApplicationAnalysis, priced: PricedFinding) -> dict[str, Any]:
    finding, saving, header = priced.finding, priced.finding.saving, analysis.profile.header
    return {
        "app_id": header.app_id,
        "attempt_id": header.attempt_id,
        "rule_code": finding.rule_code,
        "fingerprint": priced.fingerprint,
        "category": priced.rule.category,
        "severity": str(finding.severity),
        "subject": finding.subject,
        "title": finding.title,
        "team": analysis.owner.team,
        "pipeline": analysis.owner.pipeline,
        "application_started_at": _moment(header.start_ms),
        "stage_id": finding.stage_id,
        "stage_attempt_id": finding.stage_attempt_id,
        "sql_execution_id": finding.sql_execution_id,
        "causes": list(finding.causes),
        "occurrences": priced.occurrences,
        "evidence": json.dumps([asdict(e) for e in finding.evidence]),
        "change": json.dumps({**asdict(finding.change), "conf": dict(finding.change.conf)}),
        "saving_low_core_s": saving.low_core_s if saving else None,
        "saving_high_core_s": saving.high_core_s if saving else None,
        "saving_low_memory_gb_s": saving.low_memory_gb_s if saving else None,
        "saving_high_memory_gb_s": saving.high_memory_gb_s if saving else None,
        "saving_low_usd": priced.saving_low_usd,
        "saving_high_usd": priced.saving_high_usd,
        "saving_basis": saving.basis if saving else "",
        "share": priced.share,
        "completeness": analysis.profile.completeness,
        "price_book": analysis.price_book,
        "thresholds": json.dumps(dict(analysis.thresholds[finding.rule_code])),
        "analysed_at": analysis.analysed_at,
    }


def _moment(unix_ms: int) -> datetime:
    return datetime.fromtimestamp(unix_ms / 1000, timezone.utc)


def _table(rows: Sequence[Mapping[str, Any]], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Rows as columns; a column without a type in `types` has the type of its values."""
    names = list(rows[0]) if rows else list(types)
    return pa.table({name: pa.array([row[name] for row in rows], type=types.get(name)) for name in names})
