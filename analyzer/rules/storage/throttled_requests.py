"""S3 throttles the application's requests.

## What it does
Compares the requests that a bucket throttled with all requests to it. Needs the plugin.

## Why it costs
A throttled request is sent again after a pause that grows; the task or the driver waits meanwhile, and with bad luck gives up.
Other users of the same prefix are throttled too.

## How it is measured
`store_io_throttled` and `store_io_retry` of S3A for the bucket, summed over driver and executors, against its requests by
kind. How long the pauses were is not counted, so no saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
400 cores open 2 million small files under one prefix: 96,000 of 4.1 million requests throttled.

## What to change
Fewer, larger requests (S3R001, S3R009). Data spread over several prefixes: S3 gives each 3,500 writes and 5,500 reads a
second, and splits a busy prefix by itself only after half an hour or more of load. Fewer tasks at once against that
prefix.

## When to ignore
A short burst at the start of a new layout.

## Sources
AWS, S3 performance guidelines (request rates, 503 Slow Down). Apache Hadoop, S3A (statistics, retries, throttling). Read
2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer import figures
from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds

RULE = Rule(
    code="S3R011",
    category="storage",
    since="0.2",
    thresholds=(
        Threshold("min_throttled", 100, "{request}", "sparkledger", "fewer are a burst"),
        Threshold("min_share", 0.01, "1", "sparkledger", "throttled over all requests; below it retries hide it"),
        Threshold("medium_share", 0.1, "1", "sparkledger", "from here requests mostly wait for S3"),
    ),
)


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """A finding for each bucket that throttled often enough."""
    for row in rows:
        share = row["throttled"] / max(row["requests"], row["throttled"], 1)
        if row["throttled"] < thresholds["min_throttled"] or share < thresholds["min_share"]:
            continue
        yield Finding(
            rule_code=RULE.code,
            subject=f"s3://{row['bucket']}",
            severity=Severity.MEDIUM if share >= thresholds["medium_share"] else Severity.LOW,
            title=f"bucket {row['bucket']} throttled {row['throttled']:,} requests, {figures.share(share)} of them",
            evidence=(
                Evidence("requests", row["requests"], "{request}"),
                Evidence("throttled", row["throttled"], "{request}"),
                Evidence("throttled_share", round(share, 4), "1"),
                Evidence("retries", row["retries"], "1"),
            ),
            saving=None,
            change=Change(
                "ask S3 for less at once: fewer, larger files and ranges, data spread over several prefixes, fewer tasks at a time",
                effort="medium",
            ),
        )
