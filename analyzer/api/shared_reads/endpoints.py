"""GET /shared-reads: the same files read by several applications."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from fastapi import APIRouter

from analyzer.api.dependencies import LedgerDep, Limit, Pipeline, Since, Team, Until
from analyzer.api.freshness import analyse_pending
from analyzer.api.ledger import Ledger
from analyzer.api.shared_reads.schemas import SharedRead, SharedReads
from analyzer.api.times import END_OF_TIME_MS, unix_ms
from analyzer.rules.base import Row, spark_line_of
from analyzer.rules.storage import counted
from analyzer.s3 import shared_reads as of_scans
from collector.storage import load_sql
from collector.storage.clock import steady_now

router = APIRouter(prefix="/shared-reads", tags=["applications"])
APPLICATIONS, SCANS, NAMED = 500, 20_000, 20
WINDOW_MS = 7 * 86_400_000
_Run = tuple[str, str]
_COLUMN_NUMBER = re.compile(r"#\d+L?")


@router.get("", summary="List files that several applications read")
def list_shared_reads(
    ledger: LedgerDep, team: Team = "", pipeline: Pipeline = "", since: Since = None, until: Until = None, limit: Limit = 50
) -> SharedReads:
    """Files with most bytes read again first. `since` and `until` are about the start of the application; seven days where absent."""
    waiting = analyse_pending(ledger)
    before_ms = unix_ms(until, END_OF_TIME_MS)
    window = {"since_ms": unix_ms(since, unix_ms(until or steady_now(), 0) - WINDOW_MS), "until_ms": before_ms}
    rows = ledger.store.rows(load_sql(__file__, "runs"), {"team": team, "pipeline": pipeline, "rows": APPLICATIONS + 1, **window})
    runs = {(row["app_id"], row["attempt_id"]): row for row in rows[:APPLICATIONS]}
    app_ids = sorted({app_id for app_id, _ in runs})
    scans = ledger.store.rows(load_sql(__file__, "scans"), {"app_ids": app_ids, "rows": SCANS}) if runs else []
    conf = _conf(ledger, app_ids)
    found = of_scans.shared_reads(
        _read(scan, runs[run], conf.get(run, {})) for scan in scans if (run := (scan["app_id"], scan["attempt_id"])) in runs
    )
    return SharedReads(
        reads=[_answer(shared) for shared in found[:limit]],
        applications=len(runs),
        truncated=len(rows) > APPLICATIONS or len(scans) == SCANS,
        waiting_for_analysis=waiting,
    )


def _conf(ledger: Ledger, app_ids: Sequence[str]) -> Mapping[_Run, Mapping[str, str]]:
    """What `counted` asks of the settings of each run."""
    conf: defaultdict[_Run, dict[str, str]] = defaultdict(dict)
    asked = {"app_ids": app_ids, "keys": [counted.VECTORED, counted.MAX_PARTITION, counted.OPEN_COST]}
    for row in ledger.store.rows(load_sql(__file__, "split_settings"), asked) if app_ids else ():
        conf[row["app_id"], row["attempt_id"]][row["key"]] = row["value"]
    return conf


def _read(scan: Row, run: Row, conf: Mapping[str, str]) -> of_scans.Read:
    splits = counted.uncounted_splits(spark_line_of(run["spark_version"]), conf, scan)
    read_bytes = counted.read_bytes(scan["counted_bytes"], scan["size_bytes"], scan["tasks"], splits)
    return of_scans.Read(
        run=(scan["app_id"], scan["attempt_id"]),
        pipeline=run["pipeline"],
        started_ms=run["started_ms"],
        location=scan["location"],
        files=scan["files"],
        size_bytes=scan["size_bytes"],
        partition_filters=_COLUMN_NUMBER.sub("", scan["partition_filters"]),
        read_bytes=min(scan["size_bytes"], read_bytes),
        run_ms=scan["run_ms"],
        counted=read_bytes == scan["counted_bytes"],
    )


def _answer(shared: of_scans.SharedRead) -> SharedRead:
    largest = shared.reads[0]
    return SharedRead(
        location=largest.location,
        partition_filters=largest.partition_filters,
        files=largest.files,
        size_bytes=largest.size_bytes,
        applications=shared.runs,
        reads=len(shared.reads),
        pipelines=shared.pipelines,
        app_ids=list(dict.fromkeys(read.run[0] for read in shared.reads))[:NAMED],
        bytes_counted=shared.counted,
        read_bytes=round(sum(read.read_bytes for read in shared.reads)),
        read_again_bytes=round(shared.again_bytes),
        read_again_task_s=shared.again_task_ms / 1000,
    )
