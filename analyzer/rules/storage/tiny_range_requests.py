"""A stage reads S3 in very many very small requests.

## What it does
Compares the GETs of a stage's tasks with the bytes that they brought. Needs the plugin, and Hadoop 3.3.5 or later.
Silent for Parquet from Spark 4.1 on, whose streams Hadoop counts for no task.

## Why it costs
Each GET waits for its first byte before anything flows. At 30 ms and 85 MB/s, under a third of the time of a GET of 1 MiB is
transfer; of 8 MiB, three quarters. Each one is billed as well.

## How it is measured
`action_http_get_request` and `stream_read_bytes` of the stage's streams, summed over its tasks. Needless are GETs beyond
one a task and one each 8 MiB. The high end of the saving is their share of the measured time to first bytes (30 ms each
where streams do not time it), at most what the tasks waited; columns that lie far apart cannot be fetched together, so
the low end is 0. Silent where small files (S3R001), reads that are
cut off (S3R010) or splits without rows (PAR003) explain the requests.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A scan of 14 of 300 columns: 1.2 million GETs of 90 KiB, 12 hours of waiting over all tasks, and $0.48.

## What to change
Text read with the policy `random`: back to `normal`. Ranges merged over larger gaps
(`fs.s3a.vectored.read.min.seek.size`), or a larger read-ahead. Larger row groups, and columns that are read together in
one table, help for good.

## When to ignore
When few rows of a large table are looked up by an index or statistics.

## Sources
AWS, S3 performance guidelines (byte ranges of 8 to 16 MB, first byte in tens of ms, 85 to 90 MB/s a connection). Apache
Hadoop, S3A performance guide (input policies, vectored reads). Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.read_policy import POLICY_KEY, policy_of, reads_text

RULE = Rule(
    code="S3R009",
    category="storage",
    since="0.2",
    query="stage_streams",
    pool="busy",
    yields_to=("S3R001", "S3R010", "PAR003"),
    thresholds=(
        Threshold("min_gets", 10_000, "{request}", "sparkledger", "fewer wait five minutes in all at 30 ms each"),
        Threshold("max_average_bytes", 1 << 20, "By", "AWS, S3 performance guidelines", "below it most of the time of a GET is waiting"),
        Threshold("target_bytes", 8 << 20, "By", "AWS, S3 performance guidelines", "the size that ranges are asked to have"),
        Threshold("first_byte_ms", 30, "ms", "AWS, S3 performance guidelines", "where streams do not time it"),
        Threshold("min_recoverable_share", 0.01, "1", "sparkledger", "less of the run is not worth a change"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each stage of small requests."""
    for row in rows:
        gets, average_bytes = row["gets"], row["read_bytes"] / row["gets"]
        needless = gets - max(row["counted_tasks"], row["read_bytes"] / thresholds["target_bytes"])
        if gets < thresholds["min_gets"] or average_bytes > thresholds["max_average_bytes"] or needless <= 0:
            continue
        first_byte_ms = row["first_byte_ms"] / gets or thresholds["first_byte_ms"]
        high = min(row["wait_ms"], needless * first_byte_ms) * application.task_cpus / 1000
        if application.share_of_allocated(high) < thresholds["min_recoverable_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=severity_of(application.share_of_allocated(high / 2)),
            title=f"{gets:,} GETs brought {figures.size(average_bytes)} each",
            evidence=(
                Evidence("gets", gets, "{request}"),
                Evidence("read", row["read_bytes"], "By"),
                Evidence("average_get", round(average_bytes), "By"),
                Evidence("needless_requests", round(needless), "{request}"),
                Evidence("time_to_first_bytes", row["first_byte_ms"] / 1000, "s"),
                Evidence("wait_of_tasks", row["wait_ms"] / 1000, "s"),
                Evidence("read_policy", policy_of(application), "1"),
            ),
            saving=Saving(
                0.0,
                high,
                "nothing (low), or the first bytes of all GETs beyond those of 8 MiB, at most what tasks waited (high)",
                executions=(row["sql_execution_id"],) if row["sql_execution_id"] >= 0 else (),
            ),
            change=_change(application, row),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            sql_execution_id=row["sql_execution_id"] if row["sql_execution_id"] >= 0 else None,
        )


def _change(application: Application, row: Row) -> Change:
    if reads_text(row) and policy_of(application) == "random":
        return Change(
            "read text from start to end", {POLICY_KEY: "normal"}, risk="none for Parquet and ORC: after a seek, `normal` reads ranges too"
        )
    if row["analytics"]:
        return Change("write larger row groups, and read fewer columns", effort="medium", risk="the table has to be written again")
    if row["vectored"]:
        merged = {"spark.hadoop.fs.s3a.vectored.read.min.seek.size": "1M", "spark.hadoop.fs.s3a.vectored.read.max.merged.size": "8M"}
        return Change("fetch ranges that lie near each other as one", merged, risk="what lies between them is fetched and thrown away")
    return Change(
        "fetch more at once",
        {"spark.hadoop.fs.s3a.readahead.range": "1M"},
        risk="what is not needed of it is fetched as well; S3A only",
    )
