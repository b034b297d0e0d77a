"""Settings contradict each other, do nothing, or are obsolete.

## What it does
Holds the Spark configuration against a list of checks: settings that fight each other or make a run dearer, settings
that Spark does not look at beside others, and keys that the Spark in use has given up or renamed.

## Why it costs
A setting that does nothing is a change that someone believes in. A compression or a reader that was switched off years
ago is paid for in every run.

## How it is measured
Spark properties of `SparkListenerEnvironmentUpdate` that passed the allow-list, so a key that is not on it is not
judged. One finding a kind; each setting is a piece of evidence with its value and what is wrong with it. What a setting
costs is not in the events: no saving is claimed.

## Thresholds
The numbers are the rule's own; each can be overridden.

## Example
`spark.dynamicAllocation.maxExecutors=200` while dynamic allocation is off: the job runs on two executors, and the cap
that was set with care does nothing.

## What to change
Remove what does nothing; rename what is obsolete; set what the evidence says otherwise, one setting at a time.

## When to ignore
Settings shared by many jobs through `spark-defaults.conf`, where some do not concern each of them. What a program sets
for its session later on (`spark.conf.set`, `SET`) is not in this event.

## Sources
Apache Spark, configuration, tuning and SQL performance tuning guides, `SparkConf` and `SQLConf` (deprecated and removed
keys); each check names its own. Read 2026-11.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from analyzer.rules.base import Application, Change, Evidence, Finding, Row, Rule, Severity, Threshold, Thresholds
from analyzer.rules.configuration.checks import CHECKS, Check, Kind

RULE = Rule(
    code="CNF001",
    category="configuration",
    since="0.2",
    query="stage_attempts",
    thresholds=(Threshold("min_task_s", 600, "s", "sparkledger", "task time of the run; the settings of a smaller one matter to nobody"),),
)
TITLES: dict[Kind, str] = {
    "contradiction": "contradict each other or make the run dearer",
    "no_effect": "do nothing",
    "obsolete": "are obsolete",
}


def evaluate(application: Application, rows: Sequence[Row], thresholds: Thresholds) -> Iterator[Finding]:
    """One finding for each kind of fault."""
    if sum(r["duration_ms"] for r in rows) < thresholds["min_task_s"] * 1000:
        return
    ran_sql = any(r["sql_execution_id"] >= 0 for r in rows)
    for kind, title in TITLES.items():
        wrong = {
            key: check
            for check in CHECKS
            if check.kind == kind and (ran_sql or not check.sql_only)
            for key in check.keys_set(application)
            if check.when(application)
        }
        if wrong:
            yield _finding(application, kind, title, wrong)


def _finding(application: Application, kind: Kind, title: str, wrong: dict[str, Check]) -> Finding:
    first = ", ".join(f"{key}={application.conf[key]}"[:80] for key in sorted(wrong)[:2])
    more = f" and {len(wrong) - 2} more" if len(wrong) > 2 else ""
    return Finding(
        rule_code=RULE.code,
        subject=kind,
        severity=Severity.LOW if kind == "contradiction" else Severity.INFO,
        title=f"settings {title}: {first}{more}",
        evidence=tuple(
            Evidence(key, f"{application.conf[key]}: {check.says} ({check.source})"[:400], "1") for key, check in sorted(wrong.items())
        ),
        saving=None,
        change=Change(
            "set these as proposed, or remove them" if any(c.change for c in wrong.values()) else "remove these settings, or rename them",
            {key: value for check in wrong.values() for key, value in check.change.items()},
            risk="settings that had no effect so far may gain one" if kind == "no_effect" else "plans, memory use or file layout change",
            rollback="restore the former settings",
        ),
        causes=(kind,),
    )
