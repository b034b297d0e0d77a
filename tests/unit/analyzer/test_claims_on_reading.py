"""What rules claim of the waiting of reading stages: each moment once."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.rules.base import Application, Thresholds
from analyzer.rules.storage import small_files_read

APPLICATION = Application("a", "", "n", "3.5.3", 600_000, True, 1_000_000, 900_000, {})


def scan(execution: int, files: int, wait_ms: int, location: str = "s3://lake/events") -> dict[str, Any]:
    return {
        "execution_id": execution,
        "location": location,
        "table_name": "",
        "format": "json",
        "files": files,
        "size_bytes": files << 18,
        "scan_tasks": files,
        "scan_input_bytes": files << 18,
        "scan_run_ms": 2 * wait_ms,
        "scan_wait_ms": wait_ms,
    }


def test_small_files_of_several_scans_claim_the_waiting_of_their_execution_once() -> None:
    # 10,000 and 30,000 needless opens of 30 ms and more: 300 s and 900 s, and the stages of the execution waited 100 s.
    rows = [scan(1, 10_000, 100_000), scan(1, 30_000, 100_000, "s3://lake/users"), scan(2, 10_000, 50_000)]
    found = list(small_files_read.evaluate(APPLICATION, rows, Thresholds(small_files_read.RULE.thresholds)))
    high_s = {f.subject + str(f.sql_execution_id): f.saving.high_core_s for f in found if f.saving}

    assert high_s == pytest.approx({"s3://lake/events1": 25, "s3://lake/users1": 75, "s3://lake/events2": 50}, rel=1e-6)
