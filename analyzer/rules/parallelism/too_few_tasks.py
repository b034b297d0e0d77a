"""A long stage has too few tasks for the cores that are paid for.

## What it does
Looks for stages of long tasks that could use at most half of the slots alive, and for the cores that stood idle while
they ran.

## Why it costs
A slot without a task is paid for like one with a task; the stage takes as long as its tasks, however many executors
wait.

## How it is measured
Slots are the cores of executors alive between the stage's first launch and last finish, over `spark.task.cpus` (fewer
where GPUs limit the tasks that run at once). Idle is
that core time less what tasks of all stages ran meanwhile (each stage's spread evenly over its time). With as many
tasks as slots the stage would take tasks / slots of its time: high end; the low end is half, since work never splits
evenly. Where adaptive execution sized a shuffle from its bytes, the stage is left alone unless its partitions are
larger than adaptive execution aims at: there the data is small, and the setting would be overruled. A stage of one task
is taken to be meant so.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A scan of 20 files in gzip on 100 cores: 20 tasks of 9 minutes, 80 cores idle for 9 minutes, 12 core-hours.

## What to change
Files that can be split (or more of them), a smaller `spark.sql.files.maxPartitionBytes`, more shuffle partitions, a
repartition before the costly step. More tasks mean more, smaller output files. Where the work cannot be cut, and other
stages do not need them either, fewer executors.

## When to ignore
When the stage's order or its output files need this few tasks.

## Sources
Apache Spark, tuning guide (2 to 3 tasks a core) and SQL performance tuning guide. PRatio (tasks over cores): Sparklens.
Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.parallelism.partition_number import more_shuffle_partitions
from analyzer.rules.windows import busy_ms

RULE = Rule(
    code="PAR001",
    category="parallelism",
    since="0.2",
    query="stage_attempts",
    pool="idle",
    yields_to=("SKW001",),
    thresholds=(
        Threshold("max_slot_share", 0.5, "1", "Sparklens, PRatio", "tasks over slots alive"),
        Threshold("min_tasks", 2, "{task}", "sparkledger", "one task is mostly meant: a limit, a coalesce, a global sort"),
        Threshold("min_median_s", 30, "s", "sparkledger", "shorter tasks gain little from being cut"),
        Threshold("min_share", 0.02, "1", "sparkledger", "recoverable over allocated core time"),
        Threshold(
            "adaptive_partition_bytes", 128 << 20, "By", "Spark, twice advisoryPartitionSizeInBytes", "smaller ones adaptive execution made"
        ),
    ),
)
LEAST_SPLIT_BYTES = 1 << 20


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage that left enough cores idle."""
    if application.local:
        return
    for row in rows:
        window_ms = row["last_finish_ms"] - row["first_launch_ms"]
        if row["tasks"] < thresholds["min_tasks"] or row["p50_ms"] < thresholds["min_median_s"] * 1000 or window_ms <= 0:
            continue
        if _sized_by_spark(application, row, thresholds) or row["stage_attempt_id"] > 0:
            continue
        alive_ms = application.cores_alive_ms(row["first_launch_ms"], row["last_finish_ms"])
        slots = alive_ms / window_ms / application.cores_a_task
        if slots <= 0 or row["task_ends"] > thresholds["max_slot_share"] * slots:
            continue
        idle_ms = max(0.0, alive_ms - busy_ms(rows, row["first_launch_ms"], row["last_finish_ms"]) * application.cores_a_task)
        high_s = min(idle_ms, alive_ms * (1 - row["task_ends"] / slots)) / 1000
        if application.share_of_allocated(high_s) < thresholds["min_share"]:
            continue
        yield _finding(application, row, slots, window_ms, high_s)


def _sized_by_spark(application: Application, row: Row, t: Thresholds) -> bool:
    shuffled = row["shuffle_read_bytes"] > 0 and row["sql_execution_id"] >= 0
    return application.merges_partitions and shuffled and row["p50_shuffle_bytes"] <= t["adaptive_partition_bytes"]


def _finding(application: Application, row: Row, slots: float, window_ms: float, high_s: float) -> Finding:
    return Finding(
        rule_code=RULE.code,
        subject=row["stage_name"],
        severity=severity_of(application.share_of_allocated(high_s * 0.75)),
        title=(
            f"{row['task_ends']:,} tasks of {figures.duration(row['p50_ms'])} ran for {figures.duration(window_ms)} "
            f"on {round(slots):,} slots"
        ),
        evidence=(
            Evidence("tasks", row["task_ends"], "{task}"),
            Evidence("slots_alive", round(slots, 1), "{slot}"),
            Evidence("median_duration", row["p50_ms"], "ms"),
            Evidence("stage_time", window_ms, "ms"),
            Evidence("median_input", row["p50_input_bytes"], "By"),
            Evidence("median_shuffle_read", row["p50_shuffle_bytes"], "By"),
        ),
        saving=Saving(
            high_s / 2,
            high_s,
            "the stage's idle cores with as many tasks as slots (high), half of it for uneven work (low)",
            spans=((row["first_launch_ms"], row["last_finish_ms"]),),
        ),
        change=_change(application, row, slots),
        stage_id=row["stage_id"],
        stage_attempt_id=row["stage_attempt_id"],
    )


def _change(application: Application, row: Row, slots: float) -> Change:
    risk = "more tasks write more, smaller files"
    wanted = max(2, round(slots * 2))
    if row["shuffle_read_bytes"] > 0:
        return more_shuffle_partitions(application, row, wanted)
    if row["input_bytes"] > 0 and row["sql_execution_id"] >= 0:
        split = row["input_bytes"] // wanted
        return Change(
            "cut the input finer; files in gzip or one large row group cannot be split and have to be written anew",
            # A number this small comes of bytes that were not counted (`analyzer.rules.storage.counted`), or of little that would be cut.
            {"spark.sql.files.maxPartitionBytes": str(split)} if split >= LEAST_SPLIT_BYTES else {},
            effort="medium",
            risk=risk,
        )
    return Change("repartition before the costly step; where it has to stay whole, ask for fewer executors", effort="medium", risk=risk)
