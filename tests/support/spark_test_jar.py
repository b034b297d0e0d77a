"""Spark's own test jar from Maven Central: real event logs, and what Spark's History Server answers for them."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import pytest

from sparkledger.demo.maven_central import JarsUnavailable, fetch_jar

JAR = "org/apache/spark/spark-core_2.13/4.1.1/spark-core_2.13-4.1.1-tests.jar"
SHA256 = "d30af86f65c09b16823c30620737b86ef1e538a441f252ecaf339bb09175d55b"
FOLDERS = ("spark-events/", "spark-events-broken/", "HistoryServerExpectations/")


def unpack_history_server_oracle(directory: Path) -> None:
    """Unpack the logs and the answers, as `FOLDERS`. Skips the test where the jar cannot be had.

    The jar is kept below `$SPARKLEDGER_ORACLE_CACHE` (by default `~/.cache/sparkledger/oracle`).
    """
    cache = Path(os.environ.get("SPARKLEDGER_ORACLE_CACHE", Path.home() / ".cache" / "sparkledger" / "oracle"))
    try:
        path = fetch_jar(JAR, SHA256, cache)
    except JarsUnavailable as reason:
        pytest.skip(f"{reason}: Spark's own event logs are fetched from there")
    with zipfile.ZipFile(path) as jar:
        jar.extractall(directory, [name for name in jar.namelist() if name.startswith(FOLDERS)])
