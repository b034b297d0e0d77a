"""Executors wait while the driver works alone.

## What it does
Adds up the time between the first and the last task in which no stage ran anywhere, and the executor cores that were
alive meanwhile.

## Why it costs
While the driver collects, plans, lists files, commits, or runs plain Python, nothing else runs, and every executor is
paid for.

## How it is measured
Gaps between stage windows (first launch to last finish of each stage attempt), short ones left out. Silent for streams,
which wait for their next batch, and for shells, notebooks and query servers (by the application's name), which wait for
people: PRV001 says what that costs. Core time of the
executors alive within them (`SparkListenerExecutorAdded`, `SparkListenerExecutorRemoved`), so released executors do not
count. The high end of the saving is that core time, the low end 0: some of the driver's work is needed. What PRV001
claims of it, by releasing executors, is not claimed again. `collect` is named as a cause where tasks sent much to the
driver.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A loop writes 200 tables one after the other; between two writes the driver lists partitions for 9 s: 30 minutes in
which 160 cores wait, 80 core-hours.

## What to change
Run independent jobs from several threads; write results from executors instead of collecting them; let the metastore
list partitions; move plain Python work out of the Spark job. Let dynamic allocation release executors in long gaps.

## When to ignore
Notebooks and other interactive sessions under a name that does not show it: their gaps are people thinking.

## Sources
Driver time as a loss of its own: Sparklens (driverTime x cores). The 15 % mark: sparkledger. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="DRV001",
    category="driver",
    since="0.2",
    query="stage_attempts",
    pool="idle",
    thresholds=(
        Threshold("min_share", 0.15, "1", "sparkledger", "idle core time in gaps over allocated"),
        Threshold("min_gap_ms", 500, "ms", "sparkledger", "a shorter gap is scheduling"),
        Threshold("min_alone_s", 60, "s", "sparkledger", "gaps in all; less is not worth a change"),
        Threshold("min_idle_core_s", 900, "core.s", "sparkledger", "a quarter of a core-hour"),
        Threshold("collect_bytes", 1 << 30, "By", "Spark, spark.driver.maxResultSize", "results of this size are collected on purpose"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    if application.local or application.streaming or application.interactive or not rows:
        return
    first_ms, last_ms = min(r["first_launch_ms"] for r in rows), max(r["last_finish_ms"] for r in rows)
    last_ms = min(last_ms, application.open_since_ms or last_ms)
    gaps = [(a, b) for a, b in application.alone if a >= first_ms and b <= last_ms and b - a >= thresholds["min_gap_ms"]]
    alone_ms = sum(end - start for start, end in gaps)
    if alone_ms < thresholds["min_alone_s"] * 1000:
        return
    idle_s = sum(application.cores_alive_ms(start, end) for start, end in gaps) / 1000
    share = application.share_of_allocated(idle_s)
    if share < thresholds["min_share"] or idle_s < thresholds["min_idle_core_s"]:
        return
    longest = max(gaps, key=lambda gap: gap[1] - gap[0])
    before = max((r for r in rows if r["last_finish_ms"] <= longest[0]), key=lambda r: r["last_finish_ms"], default=None)
    after = min((r for r in rows if r["first_launch_ms"] >= longest[1]), key=lambda r: r["first_launch_ms"], default=None)
    collects = application.result_bytes >= thresholds["collect_bytes"]
    yield Finding(
        rule_code=RULE.code,
        subject="driver",
        severity=severity_of(share / 2),
        title=f"no task ran for {figures.duration(alone_ms)} between stages: {figures.share(share)} of the core time waited for the driver",
        evidence=(
            Evidence("driver_alone", alone_ms, "ms"),
            Evidence("gaps", len(gaps), "{gap}"),
            Evidence("longest_gap", longest[1] - longest[0], "ms"),
            *((Evidence("longest_gap_after", before["stage_name"], "1"),) if before else ()),
            *((Evidence("longest_gap_before", after["stage_name"], "1"),) if after else ()),
            Evidence("idle_in_gaps", round(idle_s, 3), "core.s"),
            Evidence("results_sent_to_driver", application.result_bytes, "By"),
        ),
        saving=Saving(0.0, idle_s, "nothing (low), or all core time of executors alive in the gaps (high)", spans=tuple(gaps)),
        change=Change(
            "write large results from executors instead of collecting them"
            if collects
            else "look at what the driver does in the longest gap (listing, planning, commits, plain code)",
            effort="medium",
            risk="jobs that run side by side compete for executors and memory",
            rollback="restore the former order",
        ),
        causes=("collect",) if collects else (),
    )
