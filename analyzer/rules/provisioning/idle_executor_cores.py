"""Executor cores stood idle for most of their paid life.

## What it does
Adds up, over the exact life of every executor, the core time without a task, and says where it lies: before the first
task, between tasks, after the last one, or on some slots while others of the same executor worked.

## Why it costs
An executor is paid for from its start to its end, whether its slots have tasks or not.

## How it is measured
Allocated is the sum of (removal - addition) x cores (`SparkListenerExecutorAdded`, `SparkListenerExecutorRemoved`; the
application's end where it was never removed), so an executor that dynamic allocation released is not idle afterwards.
Busy is the sum of task durations x `spark.task.cpus` (more where GPUs limit the tasks that run at once), each task
once. The low end of the saving is what dynamic allocation would have released: every spell in which an executor had no
task at all, beyond the idle time-out; only those before its first task where persisted data, or shuffle data without an
external shuffle service, may have held it. The high end is all such spells, or the idle time that remains saved if just
enough executors for the mean load of the active time ran for the whole application, which takes perfect packing.
Where the application's end was never seen, the time since the first stage without an end counts as busy. Silent where
neither saves anything, and in local mode, which has no executors to release.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
50 executors of 4 cores live for an hour each, 200 core-hours; their tasks take 46 core-hours. The driver collects and
plans for 25 minutes in which no task runs: 50 x 4 x (25 min - 1 min) = 80 core-hours would have been released.

## What to change
Turn on dynamic allocation (with shuffle tracking where there is no external shuffle service), or lower its limits where
it is on. Where pauses are shorter than its time-out, as in most streams, it would release nothing: ask for fewer
executors. A job whose stages follow each other quickly pays with executor start-up; shuffle files can hold an executor
beyond the time-out.

## When to ignore
Interactive sessions and streaming jobs that are kept warm on purpose; capacity that is paid for anyway, such as an idle
reservation.

## Sources
Apache Spark, job scheduling guide, dynamic resource allocation (`executorIdleTimeout` 60 s). The 50 % mark: DataFlint,
sparkforensics. Read 2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of

RULE = Rule(
    code="PRV001",
    category="provisioning",
    since="0.1",
    pool="idle",
    silent_when_blamed=True,
    thresholds=(
        Threshold("min_idle_share", 0.5, "1", "DataFlint, sparkforensics", "some idleness is the price of parallel stages"),
        Threshold("min_wall_s", 300, "s", "sparkledger", "a shorter run is mostly start-up"),
        Threshold("min_idle_core_s", 1800, "core.s", "sparkledger", "half a core-hour: less is not worth a change"),
        Threshold("idle_timeout_s", 60, "s", "Spark, executorIdleTimeout", "what dynamic allocation waits before it releases an executor"),
    ),
)
BASIS = (
    "spells of executors without a task beyond the idle time-out, those in which data may have held them left out (low); all of "
    "them, or executors for the mean load of the active time, perfectly packed (high)"
)
LEAST_RELEASED_SHARE = 0.1
"""Of what could be saved: where time-outs release less, dynamic allocation is not what helps."""


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for the application, or none."""
    allocated = sum(r["cores"] * r["lifetime_ms"] for r in rows)
    if application.local or allocated <= 0 or application.wall_ms < thresholds["min_wall_s"] * 1000:
        return
    busy = sum(min(r["busy_ms"] * application.cores_a_task, r["cores"] * r["lifetime_ms"]) for r in rows)
    # What ran in a stage that never ended is not known: the time since it began counts as busy.
    unseen = 0.0 if application.open_since_ms is None else application.cores_alive_ms(application.open_since_ms, float("inf"))
    idle = max(0.0, allocated - busy - unseen)
    if idle / allocated <= thresholds["min_idle_share"] or idle < thresholds["min_idle_core_s"] * 1000:
        return
    parts = {part: sum(r["cores"] * r[f"{part}_ms"] for r in rows) / 1000 for part in ("ramp_up", "between", "tail")}
    beside = max(0.0, idle / 1000 - sum(parts.values()))
    wanted = _wanted_executors(rows, busy)
    cores = sum(r["cores"] for r in rows) / len(rows)
    released, unused = (min(idle, sum(r["cores"] * r[f"releasable{of}_ms"] for r in rows)) / 1000 for of in ("", "_unused"))
    low = unused if _holds_data(application, rows[0]) else released
    high = max(released, min(idle, allocated - wanted * cores * application.wall_ms) / 1000)
    if high < thresholds["min_idle_core_s"]:
        return
    yield Finding(
        rule_code=RULE.code,
        subject="executors",
        severity=severity_of(application.share_of_allocated((low + high) / 2)),
        title=(
            f"{figures.share(idle / allocated)} of the executors' core time had no task: {figures.duration(idle)} of "
            f"{figures.duration(allocated)} core time"
        ),
        evidence=(
            Evidence("allocated", allocated / 1000, "core.s"),
            Evidence("busy", busy / 1000, "core.s"),
            Evidence("idle", idle / 1000, "core.s"),
            Evidence("idle_share", round(idle / allocated, 4), "1"),
            *(Evidence(f"idle_{part}", value, "core.s") for part, value in parts.items()),
            Evidence("idle_on_busy_executors", beside, "core.s"),
            Evidence("executors", len(rows), "{executor}"),
            Evidence("executors_for_mean_load", wanted, "{executor}"),
        ),
        saving=Saving(low, high, BASIS),
        change=_change(application, wanted, pauses=released >= LEAST_RELEASED_SHARE * high, held=low < released),
        causes=("on_busy_executors" if beside > max(parts.values()) else max(parts, key=lambda part: parts[part]),),
    )


def _wanted_executors(rows: Sequence[Row], busy_core_ms: float) -> int:
    """Executors that carry the mean load of the time in which tasks ran, fully packed."""
    active_ms = rows[0]["active_ms"]
    cores = sum(r["cores"] for r in rows) / len(rows)
    return max(1, math.ceil(busy_core_ms / (active_ms * cores))) if active_ms > 0 and cores > 0 else 1


def _holds_data(application: Application, row: Row) -> bool:
    """Whether executors that had tasks may hold data that dynamic allocation does not give up."""
    serves = application.platform == "databricks" or application.enabled("spark.shuffle.service.enabled", default=False)
    return bool(row["cached"] or (row["shuffled"] and not serves))


def _change(application: Application, wanted: int, *, pauses: bool, held: bool) -> Change:
    most = max(wanted, application.executors_peak)
    if application.workers_fixed:
        return Change(
            f"let the cluster scale down: {wanted} executors carry the mean load, {most} were alive at the peak",
            effort="medium",
            risk="stages that follow a pause wait for workers to start",
            rollback="restore the former size of the cluster",
        )
    if application.dynamic_allocation:
        return Change(
            f"lower the limits of dynamic allocation: {wanted} executors carry the mean load, {most} were alive at the peak",
            {
                "spark.dynamicAllocation.minExecutors": "0",
                "spark.dynamicAllocation.executorIdleTimeout": "30s",
                "spark.dynamicAllocation.maxExecutors": str(max(wanted, math.ceil(most / 2))),
            },
            risk="stages that follow a pause wait for executors to start",
        )
    if not pauses:
        cores = {"spark.cores.max": str(wanted * max(1, application.cores_per_executor))}
        return Change(
            f"ask for fewer executors: {wanted} carry the mean load, {most} were alive at the peak",
            cores if application.platform.startswith("standalone") else {"spark.executor.instances": str(wanted)},
            risk="stages that used all cores at once take longer",
        )
    conf = {
        "spark.dynamicAllocation.enabled": "true",
        # With a least number above 0 so many would stay through every pause.
        "spark.dynamicAllocation.minExecutors": "0",
        "spark.dynamicAllocation.maxExecutors": str(most),
    }
    if not application.enabled("spark.shuffle.service.enabled", default=False):
        tracks = application.spark_line >= (3, 0)
        conf["spark.dynamicAllocation.shuffleTracking.enabled" if tracks else "spark.shuffle.service.enabled"] = "true"
    stay = "; executors that hold persisted or shuffle data stay until it is gone" if held else ""
    risk = f"stages that follow a pause wait for executors to start{stay}"
    return Change("let Spark release executors that have no tasks", conf, risk=risk)
