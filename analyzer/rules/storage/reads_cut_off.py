"""Reads from S3 are cut off, or their bytes thrown away, because the read policy does not fit the format.

## What it does
Looks at how the streams of a stage ended: GETs that were cut off before their end, and bytes that were fetched and never
handed on. Needs the plugin, and Hadoop 3.3.5 or later.
Silent for Parquet from Spark 4.1 on, whose streams Hadoop counts for no task.

## Why it costs
With the policy `sequential` a GET asks for the rest of the file. A reader of Parquet or ORC takes a part, seeks, and the
connection is given up: the next part pays for a new connection and its first byte. A read-ahead or merged ranges that
are too wide fetch bytes for nothing.

## How it is measured
`stream_aborted` against the stage's task ends: a task that reads a part of a text file cuts off one read by nature, so
only many a task count. Thrown away are `stream_read_bytes_discarded_in_close`, `stream_read_seek_bytes_discarded` and
`stream_read_vectored_read_bytes_discarded`; what was left of a read that was cut off was not fetched and is shown apart.
The high end of the saving is the time to the first byte of as many GETs as were cut off (100 ms each where streams do
not time it), and of the thrown bytes at the pace of one connection, at most what tasks waited; the low end is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`fs.s3a.experimental.input.fadvise=sequential` was set for CSV and a job reads Parquet: 310,000 of 330,000 GETs cut off,
9 core-hours of reconnecting.

## What to change
The policy `random` for columnar formats. The default, `normal`, turns to it at the first seek backwards. The key is
`fs.s3a.experimental.input.fadvise`; S3A does not read `fs.s3a.input.fadvise`.

## When to ignore
When a query stops early by design, as with a limit.

## Sources
Apache Hadoop, S3A performance guide (input policies) and stream statistics; AWS, S3 performance guidelines. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.read_policy import CONNECTION_BYTES_PER_S, POLICY_KEY, policy_of, reads_columns

RULE = Rule(
    code="S3R010",
    category="storage",
    since="0.2",
    query="stage_streams",
    pool="busy",
    yields_to=("S3R001",),
    thresholds=(
        Threshold("min_cut_off", 1000, "{request}", "sparkledger", "fewer wait two minutes in all at 100 ms each"),
        Threshold("min_cut_off_a_task", 10, "{request}", "sparkledger", "one a task is the end of a part of a text file"),
        Threshold("min_thrown_share", 0.3, "1", "sparkledger", "thrown away over all fetched; read-ahead and merged ranges waste a little"),
        Threshold(
            "first_byte_ms", 100, "ms", "AWS, S3 performance guidelines", "where streams do not time it: a connection and its first byte"
        ),
        Threshold("min_recoverable_share", 0.01, "1", "sparkledger", "less of the run is not worth a change"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage that gave up reads or threw bytes away."""
    for row in rows:
        aborted, thrown = row["aborted"], row["drained_bytes"] + row["seek_bytes"] + row["gap_bytes"]
        cut_off = aborted >= max(thresholds["min_cut_off"], thresholds["min_cut_off_a_task"] * row["counted_tasks"])
        wasteful = thrown > thresholds["min_thrown_share"] * (thrown + row["read_bytes"])
        first_byte_ms = row["first_byte_ms"] / row["gets"] or thresholds["first_byte_ms"]
        lost_ms = (aborted * first_byte_ms if cut_off else 0.0) + (thrown / CONNECTION_BYTES_PER_S * 1000 if wasteful else 0.0)
        high = min(row["wait_ms"], lost_ms) * application.task_cpus / 1000
        if application.share_of_allocated(high) < thresholds["min_recoverable_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=severity_of(application.share_of_allocated(high / 2)),
            title=_title(row, cut_off, thrown),
            evidence=(
                Evidence("gets", row["gets"], "{request}"),
                Evidence("cut_off", aborted, "{request}"),
                Evidence("left_of_reads_cut_off", row["cut_off_bytes"], "By"),
                Evidence("read", row["read_bytes"], "By"),
                Evidence("thrown_away", thrown, "By"),
                Evidence("time_to_first_bytes", row["first_byte_ms"] / 1000, "s"),
                Evidence("wait_of_tasks", row["wait_ms"] / 1000, "s"),
                Evidence("read_policy", policy_of(application), "1"),
            ),
            saving=Saving(
                0.0,
                high,
                "nothing (low), or the first bytes of as many GETs as were cut off and the transfer of thrown bytes (high)",
                executions=(row["sql_execution_id"],) if row["sql_execution_id"] >= 0 else (),
            ),
            change=_change(application, row),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            sql_execution_id=row["sql_execution_id"] if row["sql_execution_id"] >= 0 else None,
            causes=(*(("reads_cut_off",) if cut_off else ()), *(("bytes_thrown_away",) if wasteful else ())),
        )


def _title(row: Row, cut_off: bool, thrown_bytes: float) -> str:
    if cut_off:
        return f"{row['aborted']:,} of {row['gets']:,} GETs were cut off before their end"
    return f"{figures.size(thrown_bytes)} were fetched and thrown away beside {figures.size(row['read_bytes'])} that were read"


def _change(application: Application, row: Row) -> Change:
    if reads_columns(row) and policy_of(application) != "random":
        return Change("read ranges of columnar files", {POLICY_KEY: "random"}, risk="text formats are read in small pieces then; S3A only")
    return Change(
        "read no more than is used: a smaller read-ahead (`fs.s3a.readahead.range`), smaller gaps between merged ranges "
        "(`fs.s3a.vectored.read.min.seek.size`), or files read to their end",
        effort="medium",
    )
