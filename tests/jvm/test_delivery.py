"""What arrives at a collector that works, from real Spark applications."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.jvm.recording_collector import RecordingCollector, column
from tests.jvm.spark_runs import Run, listening, logged, logged_task_ids, run_contexts, submit

pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Delivered:
    """One context that was listened to, and what the collector has of it."""

    collector: RecordingCollector
    run: Run
    app_id: str
    logs: Path


def _context(tmp: Path, name: str, collector: RecordingCollector, **conf: str) -> dict[str, Any]:
    logs = tmp / name
    return {"name": name, "tasks": 40, "conf": {**listening(collector.url), **logged(logs), **conf}}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Delivered]:
    """A run with two executors in processes of their own, a token, an owner and a secret among the properties."""
    tmp = tmp_path_factory.mktemp("cluster")
    with RecordingCollector() as collector:
        settings = {
            "spark.sparkledger.token": "s3cr3t-value",
            "spark.sparkledger.team": "data",
            "spark.sparkledger.pipeline": "daily",
            "spark.sql.password": "hidden-value",
            "spark.hadoop.fs.s3a.access.key": "AKIA-value",
            "spark.executor.heartbeatInterval": "1s",
        }
        context = _context(tmp, "cluster", collector, **settings) | {"master": "local-cluster[2,1,1024]"}
        run, results = run_contexts(tmp, [context], jar)
        assert run.status == 0, run.stderr[-4000:]
        yield Delivered(collector, run, results["cluster"]["app_id"], tmp / "cluster")


def test_every_task_end_arrives_once(cluster: Delivered) -> None:
    assert len(cluster.collector.task_ids()) >= 40
    assert sorted(cluster.collector.task_ids()) == sorted(logged_task_ids(cluster.logs))


def test_the_job_prints_what_it_prints_alone(cluster: Delivered) -> None:
    assert cluster.run.stdout == "cluster 400\n"


def test_batches_are_numbered_from_one_and_name_the_application(cluster: Delivered) -> None:
    requests = cluster.collector.requests
    assert [request.seq for request in requests] == list(range(1, len(requests) + 1))
    assert {request.headers["x-sparkledger-app-id"] for request in requests} == {cluster.app_id}
    assert {request.headers["x-sparkledger-source"] for request in requests} == {"listener"}
    assert {request.headers["authorization"] for request in requests} == {"Bearer s3cr3t-value"}
    assert {request.path for request in requests} == {"/api/v1/events"}
    assert requests[-1].dropped == 0


def test_the_application_is_told_from_start_to_end(cluster: Delivered) -> None:
    (start,) = cluster.collector.events("SparkListenerApplicationStart")
    assert (start["App Name"], start["App ID"]) == ("cluster", cluster.app_id)
    assert cluster.collector.lines()[0]["Event"] == "SparkListenerLogStart"
    assert len(cluster.collector.events("SparkListenerApplicationEnd")) == 1
    assert {event["Executor ID"] for event in cluster.collector.events("SparkListenerExecutorAdded")} == {"0", "1"}


def test_secrets_stay_in_the_driver(cluster: Delivered) -> None:
    (environment,) = cluster.collector.events("SparkListenerEnvironmentUpdate")
    properties = environment["Spark Properties"]
    assert (properties["spark.sparkledger.team"], properties["spark.sparkledger.pipeline"]) == ("data", "daily")
    assert properties["spark.sql.password"] == "*********(redacted)"
    sent = str(cluster.collector.lines())
    assert not [secret for secret in ("s3cr3t-value", "hidden-value", "AKIA-value", "extraJavaOptions") if secret in sent]


def test_executors_have_peaks_for_a_stage(cluster: Delivered) -> None:
    peaks = cluster.collector.events("SparkListenerStageExecutorMetrics")
    assert {"0", "1"} <= {event["Executor ID"] for event in peaks}
    assert all(event["Executor Metrics"].keys() >= {"JVMHeapMemory", "TotalGCTime"} for event in peaks)


def test_blocks_hold_what_a_task_did(cluster: Delivered) -> None:
    blocks = cluster.collector.events("SparkledgerTaskEnds")
    hosts = {host for block in blocks for host in column(block, "Host", "")}
    assert hosts == {"127.0.0.1"}
    assert {reason for block in blocks for reason in column(block, "Reason", "")} == {"Success"}
    assert sum(records for block in blocks for records in column(block, "Shuffle Records Written")) > 0
    assert all(time > 0 for block in blocks for time in column(block, "Launch Time"))


def test_the_driver_log_says_that_nothing_is_missing(cluster: Delivered) -> None:
    assert "none are missing" in cluster.run.log()


@pytest.mark.parametrize("loader", [(), ("loader",)], ids=["Spark's class loader", "a class loader that takes no jars"])
def test_a_running_session_without_the_jar_can_be_attached_and_detached(jar: Path, loader: tuple[str, ...]) -> None:
    with RecordingCollector() as collector:
        environ = {"SPARKLEDGER_URL": collector.url, "SPARKLEDGER_TOKEN": "of-the-notebook"}
        run = submit("attach_and_detach.py", str(jar), *loader, jar=None, conf={"spark.master": "local[2]"}, environ=environ)
    assert run.status == 0, run.stderr[-4000:]
    stays = f"already attached, to {collector.url}/api/v1/events"
    said = ["not attached", "attached", "already attached", stays, "detached", "attached again", "the SparkContext is stopped"]
    assert run.stdout.splitlines() == said
    names = [line["Event"] for line in collector.lines()]
    assert names[0] == "SparkListenerLogStart"
    for name in ("ResourceProfileAdded", "EnvironmentUpdate", "ExecutorAdded", "ApplicationStart", "ApplicationEnd"):
        assert names.count(f"SparkListener{name}") == 1, name
    (environment,) = collector.events("SparkListenerEnvironmentUpdate")
    assert environment["Spark Properties"]["spark.sparkledger.pipeline"] == "late"
    (executor,) = collector.events("SparkListenerExecutorAdded")
    assert (executor["Executor ID"], executor["Executor Info"]["Total Cores"]) == ("driver", 2)
    # A count is the tasks of its partitions and one more; the 3 and the 7 ran while nobody listened.
    assert len(collector.task_ids()) == 5 + 1 + 9 + 1
    assert {request.headers["authorization"] for request in collector.accepted} == {"Bearer of-the-notebook"}


def test_events_after_the_end_of_the_application_arrive(jar: Path) -> None:
    with RecordingCollector() as collector:
        conf = {"spark.master": "local[2]", **listening(collector.url)}
        run = submit("exit_without_stop.py", jar=jar, conf=conf)
        assert (run.status, run.stdout) == (0, "leaving\n"), run.stderr[-4000:]
        names = [line["Event"] for line in collector.lines()]
        ended = names.index("SparkListenerApplicationEnd")
        assert {"SparkListenerJobEnd", "SparkListenerStageCompleted"} <= set(names[ended + 1 :])
        assert names.count("SparkListenerJobStart") == names.count("SparkListenerJobEnd")


def test_names_are_without_secrets_and_not_longer_than_other_texts(jar: Path) -> None:
    with RecordingCollector() as collector:
        run = submit("long_names.py", jar=jar, conf={"spark.master": "local[1]", **listening(collector.url)})
        assert (run.status, run.stdout) == (0, "1\n"), run.stderr[-4000:]
    assert "hunter" not in str(collector.lines())
    (start,) = collector.events("SparkListenerApplicationStart")
    assert start["App Name"] == "names --password=*********(redacted)"
    for event in (*collector.events("SparkListenerStageSubmitted"), *collector.events("SparkListenerStageCompleted")):
        assert event["Stage Info"]["Stage Name"] == "count of token=*********(redacted)"
        assert [len(rdd["Name"]) for rdd in event["Stage Info"]["RDD Info"]] == [2_000]
