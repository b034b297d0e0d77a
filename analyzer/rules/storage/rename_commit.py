"""A job's output is committed by renaming files in an object store.

## What it does
Looks for writes to S3 whose commit took long, in a job that uses the file output committer.

## Why it costs
S3 has no rename: every file is copied and deleted, by the driver alone, while the executors stand idle. A failed commit
leaves part of the output behind.

## How it is measured
`job commit time` of the write command in the final plan (driver metric, ms), where its target is on S3. The saving is
the core time of the executors alive on average during the run, over that time, at most what was alive while no stage had
tasks: low with half of it, high with nearly all; the committers made for S3 finish in seconds.
Silent where the configuration names such a committer, or the platform has its own: Amazon EMR, Glue, Databricks.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
2,400 Parquet files written to `s3a://lake/orders`: 6 minutes of renames by the driver, while 200 cores wait: 20
core-hours.

## What to change
The S3A magic committer (Hadoop 3.3 and later, with the cloud committer classes of `spark-hadoop-cloud`), or on EMR its
own committer. A table format such as Iceberg or Delta commits without renames.

## When to ignore
Small outputs.

## Sources
Apache Spark, cloud integration guide; Apache Hadoop, S3A committers. AWS, EMR best practices guide (committers). Read
2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Saving, Threshold, Thresholds, severity_of
from analyzer.rules.sql.plans import Node, nodes_of
from analyzer.rules.storage.places import place_of

RULE = Rule(
    code="S3R005",
    category="storage",
    since="0.2",
    query="plan_operators",
    pool="idle",
    thresholds=(
        Threshold("min_commit_ms", 30_000, "ms", "sparkledger", "committers made for S3 take seconds"),
        Threshold("min_share", 0.01, "1", "sparkledger", "idle core time during the commit over allocated"),
    ),
)
_TARGET = re.compile(r"\bs3[an]?://[^\s,\]]+")
EMR_COMMITTER = "spark.sql.parquet.fs.optimized.committer.optimization-enabled"
MAGIC = {
    "spark.hadoop.fs.s3a.committer.name": "magic",
    "spark.sql.sources.commitProtocolClass": "org.apache.spark.internal.io.cloud.PathOutputCommitProtocol",
    "spark.sql.parquet.output.committer.class": "org.apache.spark.internal.io.cloud.BindingParquetOutputCommitter",
}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each slow commit to S3."""
    if application.wall_ms <= 0 or _has_committer(application):
        return
    cores = application.allocated_core_ms / application.wall_ms
    for node in nodes_of(rows):
        commit_ms, target = node.metrics.get("job commit time", 0), _TARGET.search(node.text)
        high_s = min(cores * commit_ms / 1000, application.alone_core_s)
        if target is None or not node.name.startswith("Execute ") or commit_ms < thresholds["min_commit_ms"]:
            continue
        if application.share_of_allocated(high_s) >= thresholds["min_share"]:
            yield _finding(application, node, target[0], commit_ms, high_s)


def _has_committer(application: Application) -> bool:
    if application.platform in ("databricks", "glue"):
        return True
    if "emr" in application.platform and application.enabled(EMR_COMMITTER, default=True):
        return True
    return "cloud" in application.conf.get("spark.sql.sources.commitProtocolClass", "")


def _change(application: Application) -> Change:
    if "emr" in application.platform:
        return Change(
            "let Amazon EMR's own committer do it", {EMR_COMMITTER: "true"}, risk="it commits Parquet; see its list of exceptions"
        )
    return Change(
        "commit with a committer made for S3",
        MAGIC,
        effort="medium",
        risk="needs spark-hadoop-cloud on the class path; dynamic partition overwrite has to be supported by the version in use",
    )


def _finding(application: Application, node: Node, target: str, commit_ms: int, high_s: float) -> Finding:
    low, high = high_s * 0.5, high_s * 0.95
    place = place_of(target)
    return Finding(
        rule_code=RULE.code,
        subject=place,
        severity=severity_of(application.share_of_allocated((low + high) / 2)),
        title=(
            f"committing {node.metrics.get('number of written files', 0):,} files to {place} took the driver {figures.duration(commit_ms)}"
        ),
        evidence=(
            Evidence("job_commit_time", commit_ms, "ms"),
            Evidence("task_commit_time", node.metrics.get("task commit time", 0), "ms"),
            Evidence("files_written", node.metrics.get("number of written files", 0), "{file}"),
            Evidence("written", node.metrics.get("written output", 0), "By"),
            Evidence("algorithm", application.conf.get("spark.hadoop.mapreduce.fileoutputcommitter.algorithm.version", "default"), "1"),
        ),
        saving=Saving(low, high, "mean cores alive over half of the commit (low) or nearly all of it (high)", spans=application.alone),
        change=_change(application),
        sql_execution_id=node.execution_id,
    )
