"""What must hold on every Spark: the jar links, the rows equal those of Spark's own log, secrets in texts stay in the driver.

`SPARKLEDGER_TEST_SPARK_HOME` and `SPARKLEDGER_TEST_PYTHON` name another Spark than the installed one; scripts/test-spark-matrix does.
"""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from collector.storage import open_store
from sparkledger.demo.server_process import running_server
from tests.jvm.linkcheck.check import check
from tests.jvm.spark_runs import SPARK_HOME, Run, listening, logged, submit

TABLES = (
    "applications",
    "environment",
    "resource_profiles",
    "executors",
    "jobs",
    "stages",
    "tasks",
    "stage_executor_peaks",
    "sql_executions",
    "sql_plan_nodes",
    "sql_metrics",
    "sql_metric_values",
)


@dataclass(frozen=True)
class Both:
    """One run, and its rows by table: as they were streamed, and as an import of Spark's own log makes them."""

    run: Run
    live: dict[str, list[dict[str, Any]]]
    imported: dict[str, list[dict[str, Any]]]


def _rows(data: Path) -> dict[str, list[dict[str, Any]]]:
    with open_store(str(data)) as store:
        return {
            table: store.rows("SELECT * EXCEPT (received_at) FROM {table:Identifier} FINAL ORDER BY ALL", {"table": table})
            for table in TABLES
        }


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Both:
    base = tmp_path_factory.mktemp("any")
    with running_server(base / "live", 0, {}) as url:
        conf = {
            "spark.master": "local-cluster[2,1,1024]",
            "spark.executor.heartbeatInterval": "500ms",
            "spark.task.maxFailures": "2",
            **listening(url, spool_dir=str(base / "spool")),
            **logged(base / "logs"),
        }
        run = submit("any_spark.py", str(base), jar=jar, conf=conf)
    command = [sys.executable, "-m", "sparkledger", "--data", str(base / "imported"), "import", str(base / "logs"), "--json"]
    subprocess.run(command, check=True, capture_output=True)
    return Both(run, _rows(base / "live"), _rows(base / "imported"))


@pytest.mark.spark
def test_the_job_ends_well(both: Both) -> None:
    assert both.run.status == 0, both.run.stderr[-4000:]
    assert "failed as expected" in both.run.stdout.splitlines()
    assert "none are missing" in both.run.log()


@pytest.mark.spark
@pytest.mark.parametrize("table", TABLES)
def test_streamed_rows_equal_those_of_the_log(both: Both, table: str) -> None:
    assert both.live[table], f"the run made no row of {table}: nothing was compared"
    for streamed, imported in zip(both.live[table], both.imported[table], strict=True):
        assert streamed == imported


@pytest.mark.spark
def test_secrets_in_texts_are_hidden(both: Both) -> None:
    everything = json.dumps(both.live, default=str)
    assert "token=*********(redacted)" in everything
    assert "secret=*********(redacted)" in everything
    assert "hunter" not in everything


def test_every_reference_of_the_jar_resolves(jar: Path) -> None:
    checked = check(jar, SPARK_HOME / "jars")
    assert checked.broken == []
    assert checked.references > 200


def test_a_reference_that_leads_nowhere_is_found(jar: Path, tmp_path: Path) -> None:
    bad = tmp_path / "bad.jar"
    with zipfile.ZipFile(jar) as good, zipfile.ZipFile(bad, "w") as archive:
        for name in good.namelist():
            archive.writestr(name, good.read(name).replace(b"executorHost", b"executorHous"))
    (broken,) = check(bad, SPARK_HOME / "jars").broken
    assert broken == "org/apache/spark/scheduler/cluster/ExecutorInfo.executorHous()Ljava/lang/String;"
