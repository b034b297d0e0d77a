"""What the plugin counts of S3A is what a real S3 server saw: by bucket and kind of request, over all processes of the application."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from listener.conf import LISTENER_CLASS
from sparkledger.demo import s3a_jars
from sparkledger.demo.maven_central import JarsUnavailable
from tests.jvm.instance_metadata import ANSWERS, instance_metadata
from tests.jvm.recording_collector import RecordingCollector
from tests.jvm.spark_runs import SPARK_HOME, Run, submit
from tests.support.s3_server import S3Server, s3_server

pytestmark = pytest.mark.spark

FILES = 12
ROWS = 500
PLACE = ("Provider", "Instance Type", "Availability Zone", "Life Cycle")
COUNTERS = {
    "get": ("action_http_get_request",),
    "head": ("action_http_head_request",),
    "list": ("object_list_request", "object_continue_list_request"),
    "put": ("object_put_request",),
    "copy": ("object_copy_requests",),
    "delete": ("object_delete_request",),
    "bulk delete": ("object_bulk_delete_request",),
}
"""Hadoop's counters by the server's kind of request."""


@dataclass(frozen=True)
class Seen:
    """One application, what it sent, and what the server saw of it."""

    run: Run
    events: dict[str, list[dict[str, Any]]]
    server: S3Server
    task_ids: list[int]
    metadata_asked: list[str]

    def totals(self, bucket: str) -> Counter[str]:
        """Every counter of a bucket: the latest of each process, summed."""
        latest: dict[tuple[str, str], int] = {}
        for line in self.events["SparkledgerStorageIO"]:
            if (line["Scheme"], line["Bucket"]) == ("s3a", bucket):
                latest.update({(line["Executor ID"], name): value for name, value in line["Counters"].items()})
        sums: Counter[str] = Counter()
        for (_, name), value in latest.items():
            sums[name] += value
        return sums


@pytest.fixture(scope="module", params=["classic", "analytics"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Seen]:
    try:
        cache = Path.home() / ".cache" / "sparkledger" / "s3a"
        jars = s3a_jars.fetch(cache, SPARK_HOME / "jars")
    except JarsUnavailable as reason:
        pytest.skip(str(reason))
    with s3_server() as server, RecordingCollector() as collector, instance_metadata() as (metadata, asked):
        _fill(server)
        conf = {
            "spark.master": "local-cluster[2,1,1024]",
            "spark.jars": ",".join(map(str, [jar, *jars])),
            "spark.plugins": "io.sparkledger.SparkledgerPlugin",
            "spark.extraListeners": LISTENER_CLASS,
            "spark.sparkledger.url": collector.url,
            "spark.sparkledger.plugin.interval": "1s",
            "spark.hadoop.fs.s3a.endpoint": server.endpoint,
            "spark.hadoop.fs.s3a.endpoint.region": "us-east-1",
            "spark.hadoop.fs.s3a.path.style.access": "true",
            "spark.hadoop.fs.s3a.access.key": "test",
            "spark.hadoop.fs.s3a.secret.key": "test",
            "spark.hadoop.fs.s3a.input.stream.type": request.param,
            "spark.sparkledger.plugin.place.endpoint": metadata,
        }
        server.log.clear()
        run = submit("reads_s3a.py", "s3a://lake/events", "s3a://mart/kinds", jar=None, conf=conf)
        names = {line["Event"] for line in collector.lines()}
        yield Seen(run, {name: collector.events(name) for name in names}, server, collector.task_ids(), asked)


def _fill(server: S3Server) -> None:
    client = boto3.client("s3", endpoint_url=server.endpoint, aws_access_key_id="a", aws_secret_access_key="b", region_name="us-east-1")
    for bucket in ("lake", "mart"):
        client.create_bucket(Bucket=bucket)
    for number in range(FILES):
        table = pa.table({"kind": [row % 7 for row in range(ROWS)], "value": [float(row) for row in range(ROWS)]})
        content = io.BytesIO()
        pq.write_table(table, content)
        client.put_object(Bucket="lake", Key=f"events/part-{number:05d}.parquet", Body=content.getvalue())


def test_the_job_reads_and_writes(seen: Seen) -> None:
    assert seen.run.status == 0, seen.run.stderr[-4000:]
    assert f"rows {FILES * ROWS}" in seen.run.stdout


@pytest.mark.parametrize("bucket", ["lake", "mart"])
def test_requests_by_kind_equal_the_servers_log(seen: Seen, bucket: str) -> None:
    logged, counted = seen.server.counts(bucket), seen.totals(bucket)
    assert logged["get" if bucket == "lake" else "put"] > 0
    told = {kind: sum(counted[name] for name in names) for kind, names in COUNTERS.items()}
    # Analytics streams tell nothing of the requests for an object that the same process opens again: as many may be missing as were opened.
    assert told["get"] <= logged["get"] <= told["get"] + counted["stream_read_analytics_opened"]
    assert {**told, "get": logged["get"]} == {kind: logged[kind] for kind in COUNTERS}


def test_stages_have_their_own_writes(seen: Seen) -> None:
    stages = {(line["Executor ID"], line["Stage ID"]): line for line in seen.events["SparkledgerStageIO"]}
    assert sum(line["Tasks"] for line in stages.values()) == len(seen.task_ids)
    written = sum(line["Counters"].get("stream_write_bytes", 0) for line in stages.values())
    assert 0 < written <= seen.totals("mart")["stream_write_bytes"]


def test_every_process_says_what_it_uses(seen: Seen) -> None:
    latest = {line["Executor ID"]: line for line in seen.events["SparkledgerExecutorSample"]}
    assert latest.keys() == {"driver", "0", "1"}
    for sample in latest.values():
        assert 0 < sample["JVM Heap After GC"] <= sample["JVM Heap Max"]
        assert 0 < sample["JVM Heap Used"] < sample["Process RSS"] <= sample["Process Peak RSS"]
        assert sample["Process CPU Time"] > 10**9


def test_every_process_says_where_it_runs(seen: Seen) -> None:
    places = {line["Executor ID"]: [line[name] for name in PLACE] for line in seen.events["SparkledgerExecutorPlace"]}
    assert places == {process: ["aws", "m6g.4xlarge", "us-east-1a", "spot"] for process in ("driver", "0", "1")}
    assert Counter(seen.metadata_asked) == {f"GET /latest/meta-data/{name}": 3 for name in ANSWERS} | {"PUT /latest/api/token": 3}


def test_nothing_comes_twice_with_the_listener_named_too(seen: Seen) -> None:
    assert len(seen.task_ids) == len(set(seen.task_ids)) > 0
    assert len(seen.events["SparkListenerApplicationStart"]) == len(seen.events["SparkListenerApplicationEnd"]) == 1
    assert "has a sparkledger listener already" in seen.run.log()
    assert "none are missing" in seen.run.log()
