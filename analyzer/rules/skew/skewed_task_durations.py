"""Some tasks of a stage run far longer than the rest.

## What it does
Looks at the successful tasks of every stage attempt, finds those that ran several times the median, replays the stage
without that tail on the slots that were alive, and says what explains the extra time: data, garbage collection, fetch
wait, spill or one host.

## Why it costs
A stage ends with its last task. While a few tasks run on, the other slots of the application stand idle and are paid
for.

## How it is measured
Duration of a task is `Finish Time - Launch Time` (`SparkListenerTaskEnd`, ms). P50 and P95 are the elements at floor(n
x level). The replay gives each task, in launch order, to the slot that is free first; once as it was, once with every
tail task cut into pieces of the median (the work is kept: low end), once with every tail task at the median (high end).
The difference in wall time, times the cores alive, is the saving; it cannot exceed the core time that stood idle while
the stage ran. A cause is named where it explains half of the extra time: `data` when a task of that many bytes or
records would take as long at the pace of the median task, `gc`, `fetch_wait` when that much of the time was measured
so, `spill` when tail tasks spilled to disk and the median task did not, `host` when one host has it.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A join stage of 200 tasks on 50 cores: the median takes 12 s, one task of a hot key takes 400 s and reads 30 times the
bytes. The others take 48 s; for 352 s 49 cores stand idle: 17,200 core-seconds. Cut into 34 pieces, the hot key's work
would end with the rest.

## What to change
Data: turn on adaptive execution's skew join handling; it splits large partitions at run time. Where it is on already or
the skew is not in a join: salt the key, aggregate in two steps, or treat hot keys on their own. Large input files that
cannot be split: write smaller ones. Host: speculation, or exclude the host. Skew handling reads some partitions several
times, so the other side of a join costs more.

## When to ignore
When other stages keep the slots busy meanwhile (the saving is then near zero), or when the tail is the work itself,
such as one large model fit.

## Sources
Apache Spark, `spark.sql.adaptive.skewJoin.*` (SQL performance tuning guide). Recoverable time by replay and the 3x and
0.5 % marks: sparkforensics. Floor of 5 s: DataFlint. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.skew.split_partitions import split_partitions
from analyzer.rules.skew.tail import (
    Tail,
    explained_by_data,
    explained_by_host,
    explained_by_spill,
    explained_by_start,
    explained_by_time,
    find_tail,
    replayed,
    slots_of,
    window_of,
)

RULE = Rule(
    code="SKW001",
    category="skew",
    since="0.1",
    pool="idle",
    thresholds=(
        Threshold("min_tasks", 5, "{task}", "sparkledger", "a ratio over fewer tasks says nothing"),
        Threshold("min_ratio", 3, "1", "sparkforensics", "P95 over P50; max over P50 in stages of fewer than 20 tasks"),
        Threshold("min_single_ratio", 5, "1", "Spark, skewedPartitionFactor", "max over P50: one hot key among many moves no P95"),
        Threshold("min_tail_ms", 5000, "ms", "DataFlint", "a shorter tail is start-up and noise"),
        Threshold("min_recoverable_share", 0.005, "1", "sparkforensics", "less of the run is not worth a change"),
        Threshold("cause_share", 0.5, "1", "sparkforensics", "a cause is named where it explains at least this much of the extra time"),
        Threshold("startup_share", 0.8, "1", "sparkledger", "first tasks on fresh executors load classes; that is no skew"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """Findings for stages whose tail would have been worth removing."""
    for row in rows:
        tail = find_tail(row["durations_ms"], thresholds["min_ratio"])
        if _stands_out(tail, len(row["durations_ms"]), thresholds):
            yield from _judge(application, row, tail, thresholds)


def _stands_out(tail: Tail, tasks: int, t: Thresholds) -> bool:
    if tasks < t["min_tasks"] or tail.median_ms <= 0 or tail.longest_ms - tail.median_ms < t["min_tail_ms"]:
        return False
    broad = tail.p95_ms if tasks >= 20 else tail.longest_ms
    return broad > t["min_ratio"] * tail.median_ms or tail.longest_ms > t["min_single_ratio"] * tail.median_ms


def _judge(application: Application, row: Row, tail: Tail, t: Thresholds) -> Iterator[Finding]:
    slots, cores = slots_of(row, application.task_cpus)
    idle_core_s = max(0.0, cores * row["window_ms"] - row["busy_ms"] * application.task_cpus) / 1000
    # No more than that can be saved, which spares the replay of most stages.
    if application.share_of_allocated(idle_core_s) < t["min_recoverable_share"]:
        return
    explained = {
        "data": max(explained_by_data(row, tail, column) for column in ("input_bytes", "shuffle_bytes", "records")),
        "gc": explained_by_time(row, tail, "gc_ms"),
        "fetch_wait": explained_by_time(row, tail, "fetch_wait_ms"),
        "spill": explained_by_spill(row, tail),
        "host": explained_by_host(row, tail),
    }
    if explained["data"] < t["cause_share"] and explained_by_start(row, tail) >= t["startup_share"]:
        return
    stage = replayed(row, tail, slots)
    high_ms = stage.saved_at_median_ms
    high = min(high_ms * cores / 1000, idle_core_s)
    share = application.share_of_allocated(high)
    if share < t["min_recoverable_share"]:
        return
    low_ms = stage.saved_by_cutting_ms
    low = min(low_ms * cores / 1000, idle_core_s)
    causes = tuple(name for name, value in explained.items() if value >= t["cause_share"]) or ("unknown",)
    yield Finding(
        rule_code=RULE.code,
        subject=row["stage_name"],
        severity=severity_of(application.share_of_allocated((low + high) / 2)),
        title=(
            f"the longest task took {figures.duration(tail.longest_ms)} against a median of {figures.duration(tail.median_ms)}; "
            f"{figures.share(share)} of the run's core time waited for the tail"
        ),
        evidence=(
            Evidence("tasks", len(row["durations_ms"]), "{task}"),
            Evidence("tail_tasks", tail.tasks, "{task}"),
            Evidence("median_duration", tail.median_ms, "ms"),
            Evidence("p95_duration", tail.p95_ms, "ms"),
            Evidence("longest_duration", tail.longest_ms, "ms"),
            Evidence("slots", slots, "{slot}"),
            Evidence("recoverable_wall_low", round(low_ms), "ms"),
            Evidence("recoverable_wall_high", round(high_ms), "ms"),
            *(Evidence(f"explained_by_{name}", round(value, 3), "1") for name, value in explained.items()),
        ),
        saving=Saving(
            low,
            high,
            "replay of the stage with its tail cut into median pieces (low) or at the median (high), on the slots alive",
            spans=(window_of(row),),
        ),
        change=_change(application, row, causes),
        stage_id=row["stage_id"],
        stage_attempt_id=row["stage_attempt_id"],
        causes=causes,
    )


def _change(application: Application, row: Row, causes: tuple[str, ...]) -> Change:
    if "data" in causes:
        return _change_data(application, row)
    if "host" in causes and application.enabled("spark.speculation", default=False):
        return Change("look at the host, or exclude it: speculation is on, and its copies did not come in time", effort="medium")
    if "host" in causes:
        return Change(
            "run slow tasks a second time elsewhere, and look at the host",
            {"spark.speculation": "true"},
            risk="speculative copies cost core time; output must be safe to write twice",
        )
    if "gc" in causes or "spill" in causes:
        return Change(
            "give the large tasks more memory: fewer cores an executor, or more partitions",
            effort="medium",
            risk="more executors for as many cores",
        )
    if "fetch_wait" in causes:
        return Change("look at the executors that serve this shuffle: network, disk, or one that was lost", effort="medium")
    return Change("look at what the long tasks compute: their bytes, collection and fetch wait are like the others'", effort="medium")


def _change_data(application: Application, row: Row) -> Change:
    if not any(row["shuffle_bytes"]):
        return Change(
            "even out the input: files that split evenly (smaller row groups, no gzip), or repartition after the read", effort="medium"
        )
    return split_partitions(application, row)
