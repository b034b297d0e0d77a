"""Spark's own test jar from Maven Central: real event logs, and what Spark's History Server answers for them."""

from __future__ import annotations

import hashlib
import os
import urllib.request
import zipfile
from pathlib import Path

import pytest

JAR = "https://repo1.maven.org/maven2/org/apache/spark/spark-core_2.13/4.1.1/spark-core_2.13-4.1.1-tests.jar"
SHA256 = "d30af86f65c09b16823c30620737b86ef1e538a441f252ecaf339bb09175d55b"
FOLDERS = ("spark-events/", "spark-events-broken/", "HistoryServerExpectations/")
TIMEOUT_S = 60


def unpack_history_server_oracle(directory: Path) -> None:
    """Unpack the logs and the answers, as `FOLDERS`. Skips the test where the jar cannot be had.

    The jar is kept below `$SPARKLEDGER_ORACLE_CACHE` (by default `~/.cache/sparkledger/oracle`).
    """
    with zipfile.ZipFile(_jar()) as jar:
        jar.extractall(directory, [name for name in jar.namelist() if name.startswith(FOLDERS)])


def _jar() -> Path:
    cache = Path(os.environ.get("SPARKLEDGER_ORACLE_CACHE", Path.home() / ".cache" / "sparkledger" / "oracle"))
    kept = cache / JAR.rsplit("/", 1)[1]
    if kept.is_file() and _digest(kept) == SHA256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(f".{os.getpid()}.part")
    try:
        with urllib.request.urlopen(JAR, timeout=TIMEOUT_S) as response:
            part.write_bytes(response.read())
    except OSError as error:
        pytest.skip(f"Maven Central cannot be reached ({error}): Spark's own event logs are fetched from there")
    assert _digest(part) == SHA256, f"{JAR} has another digest than expected"
    part.replace(kept)
    return kept


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
