"""What must hold on every Spark: the jar links, the rows equal those of Spark's own log, secrets in texts stay in the driver, as a listener
and as a plugin; and a plugin that fails everywhere leaves the job as it is.

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
from tests.jvm.broken_jar import with_failing_methods, without_internals
from tests.jvm.linkcheck.check import check
from tests.jvm.spark_runs import SPARK_HOME, Run, listening, logged, logged_events, submit

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


PLUGIN = "io.sparkledger.SparkledgerPlugin"


@dataclass(frozen=True)
class Both:
    """One run, and its rows by table: as they were streamed, and as an import of Spark's own log makes them."""

    run: Run
    live: dict[str, list[dict[str, Any]]]
    imported: dict[str, list[dict[str, Any]]]
    measured: dict[str, list[str]]
    """Executors of which the plugin has rows, by table."""


def _measured(data: Path) -> dict[str, list[str]]:
    with open_store(str(data)) as store:
        query = "SELECT DISTINCT executor_id FROM {table:Identifier} ORDER BY executor_id"
        return {name: [row["executor_id"] for row in store.rows(query, {"table": name})] for name in ("executor_samples", "storage_io")}


def _rows(data: Path) -> dict[str, list[dict[str, Any]]]:
    with open_store(str(data)) as store:
        return {
            table: store.rows("SELECT * EXCEPT (received_at) FROM {table:Identifier} FINAL ORDER BY ALL", {"table": table})
            for table in TABLES
        }


@pytest.fixture(scope="module", params=[False, True], ids=["listener", "plugin and listener"])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Both:
    base = tmp_path_factory.mktemp("any")
    plugin = {"spark.plugins": PLUGIN, "spark.sparkledger.plugin.interval": "1s"} if request.param else {}
    with running_server(base / "live", 0, {}) as url:
        conf = {
            "spark.master": "local-cluster[2,1,1024]",
            "spark.executor.heartbeatInterval": "500ms",
            "spark.task.maxFailures": "2",
            **listening(url, spool_dir=str(base / "spool")),
            **logged(base / "logs"),
            **plugin,
        }
        run = submit("any_spark.py", str(base), jar=jar, conf=conf)
    command = [sys.executable, "-m", "sparkledger", "--data", str(base / "imported"), "import", str(base / "logs"), "--json"]
    subprocess.run(command, check=True, capture_output=True)
    return Both(run, _rows(base / "live"), _rows(base / "imported"), _measured(base / "live"))


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


@pytest.mark.spark
def test_the_plugin_listens_in_place_of_the_listener_and_measures_every_process(both: Both) -> None:
    plugin = any(row["key"] == "spark.plugins" for row in both.live["environment"])
    assert ("has a sparkledger listener already" in both.run.log()) == plugin
    assert both.measured["executor_samples"] == (["0", "1", "driver"] if plugin else [])
    assert both.measured["storage_io"] == (["0", "1", "driver"] if plugin else [])


def _with_broken_plugin(broken: Path, base: Path) -> Run:
    conf = {
        "spark.master": "local-cluster[3,1,1024]",
        "spark.plugins": PLUGIN,
        "spark.sparkledger.url": "http://127.0.0.1:9",
        **logged(base / "logs"),
    }
    run = submit("any_spark.py", str(base), jar=broken, conf=conf)
    assert run.status == 0, run.stderr[-4000:]
    assert "failed as expected" in run.stdout.splitlines()
    events = logged_events(base / "logs")
    assert sorted(e["Executor ID"] for e in events if e["Event"] == "SparkListenerExecutorAdded") == ["0", "1", "2"]
    assert [e for e in events if e["Event"] == "SparkListenerExecutorRemoved"] == []
    return run


@pytest.mark.spark
def test_a_plugin_whose_every_method_fails_leaves_the_job_as_it_is(jar: Path, tmp_path: Path) -> None:
    run = _with_broken_plugin(with_failing_methods(jar, SPARK_HOME / "jars", tmp_path / "broken.jar"), tmp_path)
    for failed in ("broken name", "broken receive of taskStarted on 0", "broken receive of taskEnded on 1", "broken end"):
        assert failed in run.log()


@pytest.mark.spark
def test_a_plugin_of_which_nothing_else_can_be_loaded_leaves_the_job_as_it_is(jar: Path, tmp_path: Path) -> None:
    run = _with_broken_plugin(without_internals(jar, tmp_path / "broken.jar"), tmp_path)
    assert "listening; events go to" not in run.log(), "the plugin is whole: nothing was shown"


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
