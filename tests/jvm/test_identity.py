"""Whose events these are, where the run belongs, and what of its SQL may leave."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.jvm.recording_collector import RecordingCollector
from tests.jvm.spark_runs import listening, submit

pytestmark = pytest.mark.spark

ENVIRONMENT = {
    "AIRFLOW_CTX_DAG_ID": "daily",
    "AIRFLOW_CTX_TASK_ID": "load",
    "AIRFLOW_CTX_TRY_NUMBER": "2",
    "EMR_STEP_ID": "s-1ABCDEFGHIJKL",
    "AIRFLOW_CTX_DAG_OWNER": "owner:password=hunter2",
    "AWS_SECRET_ACCESS_KEY": "hunter3",
}


@pytest.fixture(scope="module")
def late(jar: Path) -> Iterator[RecordingCollector]:
    """What a collector has of a run whose start was never heard of, with SQL text switched off."""
    with RecordingCollector() as collector:
        conf = {**listening(collector.url, sql_text="off"), "spark.master": "local[2]"}
        del conf["spark.extraListeners"]
        run = submit("late_listener.py", jar=jar, conf=conf, environ=ENVIRONMENT)
        assert (run.status, run.stdout) == (0, "2\n"), run.stderr[-4000:]
        yield collector


def test_events_are_named_by_the_configuration_where_the_start_never_came(late: RecordingCollector) -> None:
    (app_id,) = {request.headers["x-sparkledger-app-id"] for request in late.accepted}
    assert app_id.startswith("local-")
    assert late.events("SparkListenerApplicationStart") == []
    assert len(late.events("SparkListenerApplicationEnd")) == 1
    assert len(late.task_ids()) >= 5


def test_what_the_environment_says_of_the_run_is_sent_and_nothing_else(late: RecordingCollector) -> None:
    (platform,) = late.events("SparkledgerPlatform")
    assert platform["Properties"] == {
        "AIRFLOW_CTX_DAG_ID": "daily",
        "AIRFLOW_CTX_DAG_OWNER": "*********(redacted)",
        "AIRFLOW_CTX_TASK_ID": "load",
        "AIRFLOW_CTX_TRY_NUMBER": "2",
        "EMR_STEP_ID": "s-1ABCDEFGHIJKL",
    }
    assert "hunter" not in str(late.lines())


def test_sql_text_stays_where_it_is_switched_off(late: RecordingCollector) -> None:
    (start,) = late.events("SparkListenerSQLExecutionStart")
    assert start["sparkPlanInfo"]["metrics"] is not None
    text = str(late.lines())
    assert "nodeName" in text
    assert not [word for word in ("simpleString", "'description'", "key#") if word in text]
