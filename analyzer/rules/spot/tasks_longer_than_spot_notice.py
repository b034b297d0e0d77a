"""Much of the task time lies in tasks that run longer than the notice of a Spot reclaim.

## What it does
Adds up the time of tasks that run longer than the two minutes between the notice and the loss of a Spot instance.

## Why it costs
A task that ends within the notice is never lost. A longer one is killed, starts anew elsewhere, and the slots that need
its output wait for it. On On-Demand capacity it costs nothing, but it keeps the job off capacity that is 50 to 70 %
cheaper.

## How it is measured
d is the duration of a task (`SparkListenerTaskEnd`), w the notice, L the reclaims an hour and instance (assumed, not
measured). Share: time of tasks with d > w over all task time. A stage in which at most one task in twenty is that long is
left to the skew rules. Kill share: sum of max(0, d - w) over the sum of d, the chance that a reclaim kills the task it
meets. Expected rework: L x sum of (d^2 - w^2) / 2. Expected stall: L x hosts x longest d, the wait for one re-run, while
every other slot idles. There is no saving: nothing is lost until an instance is reclaimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
300 hosts, tasks of 10 minutes: 80 % of reclaims kill the task they meet; at 0.5 % an hour a run of one hour expects
0.25 re-runs of a tail task.

## What to change
Cut the work into more tasks, so that each ends within the notice; or keep this job on On-Demand capacity. For Spot,
turn on decommissioning, so that shuffle and cached blocks move before the instance goes. More tasks cost scheduling
time and smaller output files.

## When to ignore
When the job runs on On-Demand capacity and is meant to stay there. Silent on EMR Serverless and Glue, which sell no Spot
capacity.

## Sources
AWS, EC2 Spot interruption notices (two minutes); EMR best practices guide (tasks under two minutes on Spot);
SPARK-21040 (executors on Spot live no longer than 120 s after the notice). Rework model: derived, checked by
simulation. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.failures.removals import decommission_conf

RULE = Rule(
    code="SPT001",
    category="spot",
    since="0.1",
    thresholds=(
        Threshold("notice_s", 120, "s", "AWS, Spot interruption notice", "what runs longer cannot finish after the notice"),
        Threshold("min_long_share", 0.1, "1", "sparkledger", "share of task time in longer tasks that is worth a word"),
        Threshold("high_long_share", 0.3, "1", "sparkledger", "from here a reclaim usually kills work"),
        Threshold("min_long_task_s", 300, "s", "sparkledger", "five minutes of task time: less is not worth a word"),
        Threshold("outlier_share", 0.05, "1", "P95, as in SKW001", "so few long tasks in a stage are its tail: skew, not length"),
        Threshold("min_tasks_of_a_tail", 20, "{task}", "SKW001", "in a smaller stage one long task is no tail but the stage itself"),
        Threshold("severe_task_s", 3600, "s", "sparkledger", "a task of an hour loses half an hour at each reclaim on average"),
        Threshold("reclaims_per_instance_h", 0.005, "1/h", "assumption", "no public hourly rate exists; measure your own"),
    ),
)
WITHOUT_SPOT = ("emr(serverless)", "glue")
"""Platforms that sell workers by the second, and no choice of capacity."""
SPOT_LABELS = {"karpenter.sh/capacity-type": "spot", "eks.amazonaws.com/capacitytype": "spot"}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    task_ms = rows[0]["all_task_ms"] if rows else 0
    long_everywhere_ms = sum(r["long_ms"] for r in rows)
    rows = [r for r in rows if not _is_a_tail(r, thresholds)]
    long_ms = sum(r["long_ms"] for r in rows)
    if application.local or application.platform in WITHOUT_SPOT or task_ms <= 0 or long_ms < thresholds["min_long_task_s"] * 1000:
        return
    share = long_ms / task_ms
    if share < thresholds["min_long_share"]:
        return
    conf = decommission_conf(application)
    rate_per_s = thresholds["reclaims_per_instance_h"] / 3600
    longest_ms = max(r["longest_ms"] for r in rows)
    worst = max(rows, key=lambda r: r["long_ms"])
    hosts = rows[0]["hosts"]
    yield Finding(
        rule_code=RULE.code,
        subject="tasks",
        severity=_severity(share, longest_ms, thresholds, on_spot=_on_spot(application)),
        title=(
            f"{figures.share(share)} of the task time is in tasks longer than the {thresholds['notice_s']:.0f} s Spot notice, "
            f"the longest {figures.duration(longest_ms)}"
        ),
        evidence=(
            Evidence("long_task_time_share", round(share, 4), "1"),
            Evidence("kill_share", round(sum(r["lost_ms"] for r in rows) / task_ms, 4), "1"),
            Evidence("long_tasks", sum(r["long_tasks"] for r in rows), "{task}"),
            Evidence("long_task_time", long_ms / 1000, "s"),
            Evidence("long_task_time_of_skewed_stages", (long_everywhere_ms - long_ms) / 1000, "s"),
            Evidence("longest_task", longest_ms / 1000, "s"),
            Evidence("stage_with_most", worst["stage_name"], "1"),
            Evidence("assumed_reclaims_of_an_instance", thresholds["reclaims_per_instance_h"], "1/h"),
            Evidence("expected_rework", round(rate_per_s * sum(r["rework_s2"] for r in rows) / 2, 3), "s"),
            Evidence("expected_stall_share", round(rate_per_s * hosts * longest_ms / 1000, 6), "1"),
            Evidence("hosts", hosts, "{host}"),
        ),
        saving=None,
        change=Change(
            "cut the long stages into more tasks, or keep this job on On-Demand capacity",
            conf,
            effort="medium",
            risk="the settings move blocks off an instance with a notice; they do not save its running tasks" if conf else "",
        ),
        causes=("on_spot",) if _on_spot(application) else (),
    )


def _is_a_tail(row: Row, t: Thresholds) -> bool:
    """Whether the long tasks of a stage are its outliers, which the skew rules speak of."""
    return bool(row["tasks"] >= t["min_tasks_of_a_tail"] and row["long_tasks"] <= t["outlier_share"] * row["tasks"])


def _severity(share: float, longest_ms: float, t: Thresholds, *, on_spot: bool) -> Severity:
    severe = share >= t["high_long_share"] or longest_ms >= t["severe_task_s"] * 1000
    if on_spot:
        return Severity.HIGH if severe else Severity.MEDIUM
    return Severity.MEDIUM if severe else Severity.LOW


def _on_spot(application: Application) -> bool:
    """Whether a node selector of the configuration asks for Spot capacity; Spark itself does not know."""
    selectors = {key.lower(): value.lower() for key, value in application.conf.items() if ".node.selector." in key}
    return any(key.endswith(label) and value == wanted for key, value in selectors.items() for label, wanted in SPOT_LABELS.items())
