"""What the listener says of the driver's environment."""

from __future__ import annotations

from collector.eventlog import decode
from collector.eventlog.identity import Identity


def test_the_platform_becomes_rows_of_the_environment_without_secrets() -> None:
    line = b'{"Event":"SparkledgerPlatform","Properties":{"EMR_STEP_ID":"s-1","AIRFLOW_CTX_DAG_ID":"load token=abc"}}\n'
    batch = decode(line, Identity("app-1", ""))
    rows = [(row["section"], row["key"], row["value"]) for row in batch.tables["environment"].to_pylist()]
    assert rows == [
        ("platform", "EMR_STEP_ID", "s-1"),
        ("platform", "AIRFLOW_CTX_DAG_ID", "load token=*********(redacted)"),
    ]
    assert (batch.events, batch.bad_line_count) == (1, 0)
