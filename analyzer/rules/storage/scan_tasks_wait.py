"""Tasks that read files spend most of their time waiting, not computing.

## What it does
Looks at stages that only read files, and compares the run time of their tasks with the CPU time they used.

## Why it costs
A slot that waits for storage is paid for like one that computes.

## How it is measured
Waiting is Executor Run Time - Executor CPU Time - JVM GC Time - Shuffle Write Time, summed over task ends (ms). Stages
that read a shuffle or a cache, write output or spill wait for other things and are left out, as are stages with Python
or pipe operators, whose work is done in another process, stages that read a local disk, and stages and applications on
GPU or native engines (RAPIDS, Photon, Comet, Gluten). A task that waits for a processor looks the same as one that waits
for data, so nothing is said where someone named more slots than the machine may have processors (`local[8]`,
`local-cluster`), or pods ask for, or are limited to, fewer processors than cores; `local[*]` names as many as the machine
has. The high end of the saving is the wait beyond the time that the bytes take at the pace of one connection; where bytes
of Parquet are not counted (Spark 4.1 on, unless `spark.hadoop.parquet.hadoop.vectored.io.enabled` is false), the most that
the stage can have read of its query's scans. Nothing is certain to be saved, so the low end is 0.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
A scan of 40 GiB runs 3,000 task-seconds of which 600 are CPU: 80 % waiting. At 85 MB/s the bytes take 505 s, so up to
1,895 core-seconds went into first bytes, small ranges, throttling and retries.

## What to change
Small files first (S3R001), then what the plugin sees (S3R009 to S3R011). Then larger reads:
`fs.s3a.experimental.input.fadvise` random for columnar formats, vectored reads, a bigger read-ahead; more connections
(`fs.s3a.connection.maximum`); look for 503 SlowDown. More tasks than cores do not help: a waiting task holds its slot.

## When to ignore
When the source is slow by nature, such as a remote region. Where nodes have fewer processors than slots, as on YARN
with a calculator that counts memory alone: then tasks wait for one another.

## Sources
AWS, S3 performance guidelines (a connection gives 85 to 90 MB/s; byte ranges of 8 to 16 MB). Apache Hadoop, S3A
performance guide. Read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.storage.counted import not_counted, read_bytes, uncounted_splits
from analyzer.rules.storage.places import scheme_of
from analyzer.rules.storage.read_policy import POLICY_KEY, policy_of, reads_columns

RULE = Rule(
    code="S3R004",
    category="storage",
    since="0.1",
    pool="busy",
    yields_to=("S3R001", "S3R009", "S3R010"),
    thresholds=(
        Threshold("min_wait_share", 0.6, "1", "sparkledger", "waiting over run time; decoding alone keeps a task busier than that"),
        Threshold("min_run_s", 60, "s", "sparkledger", "task time of the stage; less is start-up"),
        Threshold("min_recoverable_share", 0.01, "1", "sparkledger", "less of the run is not worth a change"),
        Threshold("connection_bytes_per_s", 85e6, "By/s", "AWS, S3 performance guidelines", "what one connection carries"),
    ),
)
CONNECTIONS = "spark.hadoop.fs.s3a.connection.maximum"
LEAST_CONNECTIONS = 500
OTHER_PROCESS = ("python", "pandas", "arroweval", "batcheval", "pipedrdd", "rrdd")
"""Parts of RDD and operator names whose work is done outside the JVM and so is in no CPU time."""
OTHER_ENGINE = re.compile(r"^(Gpu|Photon|Comet|Native)|ExecTransformer\b")
"""Operators of RAPIDS, Photon, Comet, Auron and Gluten, whose work may be done by a GPU or by threads of their own."""


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each reading stage that mostly waited."""
    if application.slots_exceed_processors or application.other_engine:
        return
    for row in rows:
        wait_ms = row["run_ms"] - row["cpu_ms"] - row["gc_ms"] - row["write_ms"]
        schemes = {scheme for text in (*row["locations"], *row["rdd_names"]) if (scheme := scheme_of(text))}
        # A local run without a scheme reads its own disk.
        if (
            _in_another_process(row)
            or any(OTHER_ENGINE.search(scope) for scope in row["rdd_scopes"])
            or schemes == {"file"}
            or (application.local and not schemes)
            or row["run_ms"] < thresholds["min_run_s"] * 1000
        ):
            continue
        if wait_ms < thresholds["min_wait_share"] * row["run_ms"]:
            continue
        read = _read_bytes(application, row)
        transfer_ms = read / thresholds["connection_bytes_per_s"] * 1000
        high = max(0.0, wait_ms - transfer_ms) * application.task_cpus / 1000
        # A file system that counts nothing at all does not tell how long its bytes take.
        if read <= 0 or application.share_of_allocated(high) < thresholds["min_recoverable_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=row["stage_name"],
            severity=severity_of(application.share_of_allocated(high / 2)),
            title=f"reading tasks waited {figures.share(wait_ms / row['run_ms'])} of their {figures.duration(row['run_ms'])} of run time",
            evidence=(
                Evidence("tasks", row["tasks"], "{task}"),
                Evidence("run_time", row["run_ms"] / 1000, "s"),
                Evidence("cpu_time", row["cpu_ms"] / 1000, "s"),
                Evidence("gc_time", row["gc_ms"] / 1000, "s"),
                Evidence("wait", wait_ms / 1000, "s"),
                Evidence("input", row["input_bytes"], "By"),
                Evidence("transfer_time_at_connection_pace", round(transfer_ms / 1000, 3), "s"),
                *not_counted(read if read > row["input_bytes"] else 0),
            ),
            saving=Saving(
                0.0,
                high,
                "waiting beyond the time that the bytes take over one connection a task (high); nothing is certain (low)",
                executions=(row["sql_execution_id"],) if row["sql_execution_id"] >= 0 else (),
            ),
            change=_change(application, row, schemes),
            stage_id=row["stage_id"],
            stage_attempt_id=row["stage_attempt_id"],
            sql_execution_id=row["sql_execution_id"] if row["sql_execution_id"] >= 0 else None,
        )


def _read_bytes(application: Application, row: Row) -> float:
    """What the stage read, at most where bytes were not counted: its tasks may be those of any of its query's scans."""
    uncounted = [
        (scan, splits) for scan in row["scans"] if (splits := uncounted_splits(application.spark_line, application.conf, scan)) > 0
    ]
    size = sum(scan["size_bytes"] for scan, _ in uncounted)
    return read_bytes(row["input_bytes"], size, row["tasks"], sum(splits for _, splits in uncounted))


def _in_another_process(row: Row) -> bool:
    names = " ".join((*row["rdd_names"], *row["rdd_scopes"])).lower().replace(" ", "")
    return any(part in names for part in OTHER_PROCESS)


def _change(application: Application, row: Row, schemes: set[str]) -> Change:
    crowded = "no gain where nodes have fewer processors than slots: then tasks wait for those"
    if application.platform.startswith("emr") or application.workers_fixed or not schemes & {"s3", "s3a", "s3n"}:
        return Change("read fewer, larger files of a columnar format, and look for throttling by the store", effort="medium", risk=crowded)
    columns = reads_columns({"scopes": " ".join(row["rdd_scopes"])})
    conf = {POLICY_KEY: "random"} if columns and policy_of(application) != "random" else {}
    connections = application.conf.get(CONNECTIONS, "").strip()
    if not connections.isdecimal() or int(connections) < LEAST_CONNECTIONS:
        conf[CONNECTIONS] = str(LEAST_CONNECTIONS)
    ranges = "random reads are slower for text formats; " if POLICY_KEY in conf else ""
    return Change("read larger ranges over more connections, and look for throttling", conf, risk=f"{ranges}S3A only; {crowded}")
