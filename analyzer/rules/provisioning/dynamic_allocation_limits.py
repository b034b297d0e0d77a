"""Dynamic allocation is on, but its settings keep idle executors alive.

## What it does
Where dynamic allocation is on and cores stood idle, looks for the settings that kept it from releasing executors.

## Why it costs
Executors that have no work are paid for as if dynamic allocation were off.

## How it is measured
Idle time as in PRV001: spells in which an executor had no task at all, beyond Spark's default idle time-out. Settings:
the least number equals or nearly equals the most; an idle time-out far above the default; executors that hold cached
blocks and have no time-out, which is the default; shuffle tracking without a time-out, also the default, where
executors kept shuffle files to the end. The saving is the idle core time beyond the time-out; PRV001 is silent beside
this rule.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`minExecutors` and `maxExecutors` are both 50; for 3 of 4 hours one stage of 8 tasks runs. 130 of 200 executor-hours are
idle.

## What to change
A small least number, the default idle time-out, and time-outs for executors that hold cached or shuffle data. What is
released too early is computed again, so time-outs of cached data should outlast the pauses between its uses.

## When to ignore
Interactive sessions that are kept warm on purpose.

## Sources
Apache Spark, configuration guide, `spark.dynamicAllocation.*` (`executorIdleTimeout` 60 s, `cachedExecutorIdleTimeout`
and `shuffleTracking.timeout` infinity). Read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="DYN001",
    category="provisioning",
    since="0.2",
    query="idle_executor_cores",
    pool="idle",
    silent_when_blamed=True,
    thresholds=(
        Threshold("min_idle_share", 0.3, "1", "sparkledger", "idle beyond the time-out over allocated core time"),
        Threshold("min_idle_core_s", 1800, "core.s", "PRV001", "half a core-hour: less is not worth a change"),
        Threshold("min_wall_s", 300, "s", "PRV001", "a shorter run is mostly start-up"),
        Threshold("idle_timeout_s", 60, "s", "Spark, executorIdleTimeout", "what dynamic allocation waits before it releases an executor"),
        Threshold("long_timeout_s", 300, "s", "sparkledger", "idle time-outs from here on are long"),
        Threshold("near_most", 0.8, "1", "sparkledger", "a least number above this share of the most leaves nothing to release"),
    ),
)
_PREFIX = "spark.dynamicAllocation."
_UNITS_S = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
TITLES = {
    "least_is_most": "the least number of executors is close to the most",
    "long_idle_timeout": "the idle time-out is long",
    "cached_blocks": "executors with cached blocks are never released",
    "shuffle_tracking": "executors with shuffle files are never released",
}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    allocated = sum(r["cores"] * r["lifetime_ms"] for r in rows)
    releasable = sum(r["cores"] * r["releasable_ms"] for r in rows)
    if application.local or not application.dynamic_allocation or application.wall_ms < thresholds["min_wall_s"] * 1000:
        return
    if releasable < thresholds["min_idle_core_s"] * 1000 or releasable < thresholds["min_idle_share"] * allocated:
        return
    # An executor that never had a task holds neither cached nor shuffle data.
    after_work = sum(r["cores"] * r["releasable_ms"] for r in rows if r["busy_ms"] > 0)
    holds_data = after_work >= releasable / 2
    conf = _conf(
        application,
        thresholds,
        cached=holds_data and any(r["cached"] for r in rows),
        shuffled=holds_data and any(r["shuffled"] for r in rows),
    )
    if not conf:
        return
    causes = tuple(conf)
    yield Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=severity_of(application.share_of_allocated(releasable / 1000) * 0.75),
        title=f"dynamic allocation kept {figures.share(releasable / allocated)} of the core time idle: {TITLES[causes[0]]}",
        evidence=(
            Evidence("allocated", allocated / 1000, "core.s"),
            Evidence("idle_beyond_timeout", releasable / 1000, "core.s"),
            *(
                Evidence(key, application.conf.get(_PREFIX + key, "default"), "1")
                for key in ("minExecutors", "maxExecutors", "executorIdleTimeout", "cachedExecutorIdleTimeout", "shuffleTracking.timeout")
            ),
            Evidence("executors_peak", application.executors_peak, "{executor}"),
        ),
        saving=Saving(releasable / 2000, releasable / 1000, "idle spells beyond the default time-out, half of them (low) or all (high)"),
        change=Change(
            "let dynamic allocation release what is idle",
            {_PREFIX + key: value for patch in conf.values() for key, value in patch.items()},
            risk="stages that follow a pause wait for executors; cached and shuffle data that is released is computed again",
        ),
        causes=causes,
    )


def _conf(application: Application, t: Thresholds, *, cached: bool, shuffled: bool) -> dict[str, dict[str, str]]:
    """The patch of each cause that applies."""
    least = _number(application.conf.get(_PREFIX + "minExecutors"), 0)
    most = _number(application.conf.get(_PREFIX + "maxExecutors"), application.executors_peak)
    found: dict[str, dict[str, str]] = {}
    if least >= 2 and least >= t["near_most"] * min(most, max(1, application.executors_peak)):
        found["least_is_most"] = {"minExecutors": "0"}
    if seconds(application.conf.get(_PREFIX + "executorIdleTimeout", "60s")) >= t["long_timeout_s"]:
        found["long_idle_timeout"] = {"executorIdleTimeout": "60s"}
    if cached and seconds(application.conf.get(_PREFIX + "cachedExecutorIdleTimeout", "infinity")) >= t["long_timeout_s"]:
        found["cached_blocks"] = {"cachedExecutorIdleTimeout": "300s"}
    service = application.enabled("spark.shuffle.service.enabled", default=application.platform == "emr(yarn)")
    tracked = not service and application.enabled(_PREFIX + "shuffleTracking.enabled", default=application.spark_line >= (3, 4))
    if shuffled and tracked and seconds(application.conf.get(_PREFIX + "shuffleTracking.timeout", "infinity")) >= t["long_timeout_s"]:
        found["shuffle_tracking"] = {"shuffleTracking.timeout": "300s"}
    return found


def _number(text: str | None, default: int) -> int:
    return int(text) if text and text.isdigit() else default


def seconds(text: str) -> float:
    """A duration as Spark writes it, in seconds; `infinity` and what cannot be read count as endless."""
    match = re.fullmatch(r"\s*(\d+)\s*(ms|s|m|min|h|d)?\s*", text.lower())
    return int(match[1]) * _UNITS_S[match[2] or ""] if match else float("inf")
