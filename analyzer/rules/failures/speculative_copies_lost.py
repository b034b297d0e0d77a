"""Speculation ran many tasks twice.

## What it does
Adds up the time of tasks that were killed because another copy of them had finished first.

## Why it costs
Both copies hold a slot. That is a fair price for a straggler that is caught, and waste where ordinary tasks are copied.

## How it is measured
Duration of tasks that ended as `TaskKilled` and are a speculative copy themselves or were killed with `another attempt
succeeded` (`SparkListenerTaskEnd`). How much later the stage would have ended without copies is not in the events, so
the low end of the saving is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
Of 900 core-hours 70 are in lost copies: copies start as soon as three quarters of a stage are done and a task takes 1.5
times the median, which in an uneven stage is most of the rest.

## What to change
Raise the quantile and the multiplier where they are below the defaults of Spark 4, and set a least run time. Where the
tail is data skew, a copy is as slow as the original: see SKW001.

## When to ignore
When hosts differ much in speed and run time matters more than cost.

## Sources
Apache Spark, configuration guide, `spark.speculation.*` (0.75 and 1.5 before Spark 4.0, 0.9 and 3 since). The 2 % mark:
sparkledger. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="SPE001",
    category="failures",
    since="0.2",
    query="failed_task_time",
    pool="busy",
    thresholds=(
        Threshold("min_share", 0.02, "1", "sparkledger", "lost copies over allocated core time"),
        Threshold("min_lost_s", 300, "s", "sparkledger", "core time; less is not worth a change"),
    ),
)
LEAST_RUN_TIME = "spark.speculation.minTaskRuntime"


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    lost_s = sum(r["speculative_ms"] for r in rows) * application.task_cpus / 1000
    share = application.share_of_allocated(lost_s)
    if lost_s < thresholds["min_lost_s"] or share < thresholds["min_share"]:
        return
    worst = max(rows, key=lambda r: r["speculative_ms"])
    yield Finding(
        rule_code=RULE.code,
        subject="speculation",
        severity=severity_of(share / 2),
        title=f"{figures.duration(lost_s * 1000)} of core time, {figures.share(share)}, went into copies of tasks that lost their race",
        evidence=(
            Evidence("lost_copies", sum(r["speculative_tasks"] for r in rows), "{task}"),
            Evidence("lost_in_speculation", lost_s, "core.s"),
            Evidence("stage_with_most", worst["stage_name"], "1"),
            Evidence("quantile", application.conf.get("spark.speculation.quantile", "default"), "1"),
            Evidence("multiplier", application.conf.get("spark.speculation.multiplier", "default"), "1"),
        ),
        saving=Saving(0.0, lost_s, "nothing where every copy caught a straggler (low), all time in lost copies (high)"),
        change=_change(application),
    )


def _change(application: Application) -> Change:
    """What is not set to as much already."""
    new = application.spark_line >= (4, 0)
    conf = {
        f"spark.speculation.{key}": advised
        for key, default, advised in (("quantile", 0.9 if new else 0.75, "0.9"), ("multiplier", 3.0 if new else 1.5, "3"))
        if _number(application.conf.get(f"spark.speculation.{key}"), default) < float(advised)
    }
    if application.spark_line >= (3, 2) and LEAST_RUN_TIME not in application.conf:
        conf[LEAST_RUN_TIME] = "60s"
    if not conf:
        return Change("look at why tasks straggle (SKW001): speculation is careful already", effort="medium")
    return Change("copy fewer tasks: later, and only those far beyond the median", conf, risk="stragglers on slow hosts are caught later")


def _number(text: str | None, default: float) -> float:
    try:
        return float(text or default)
    except ValueError:
        return default
