"""What the plugin sent, over the API: totals are those of the last lines, however often and in which order they came."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.support.processes import running_server
from tests.support.rows import MIDNIGHT_MS
from tests.support.wire import NDJSON, application_start, lines

APP = "application_1700000000000_0001"


def io(executor: str, bucket: str, at: int, **counters: int) -> dict[str, Any]:
    head = {"Event": "SparkledgerStorageIO", "Executor ID": executor, "Timestamp": MIDNIGHT_MS + at, "Scheme": "s3a", "Bucket": bucket}
    return {**head, "Counters": counters}


def stage(executor: str, stage_id: int, tasks: int, read: int) -> dict[str, Any]:
    head = {"Event": "SparkledgerStageIO", "Executor ID": executor, "Timestamp": MIDNIGHT_MS, "Stage ID": stage_id}
    return {**head, "Stage Attempt ID": 0, "Tasks": tasks, "Counters": {"stream_read_bytes": read}}


def sample(executor: str, at: int, **fields: int) -> dict[str, Any]:
    head = {"Event": "SparkledgerExecutorSample", "Executor ID": executor, "Timestamp": MIDNIGHT_MS + at}
    return {**head, **{name.replace("_", " "): value for name, value in fields.items()}}


SENT = [
    io("1", "lake", 0, get=3, put=1),
    io("1", "lake", 10, get=5),
    io("2", "lake", 10, get=7),
    io("2", "mart", 10, put=2),
    stage("1", 4, 1, 100),
    stage("1", 4, 3, 300),
    stage("2", 4, 2, 50),
    sample("1", 0, Process_RSS=100, GC_Time=5),
    sample("1", 10, Process_RSS=90, GC_Time=9),
    sample("driver", 0, Process_RSS=40),
    {
        "Event": "SparkledgerExecutorPlace",
        "Executor ID": "1",
        "Provider": "aws",
        "Instance Type": "m5.xlarge",
        "Availability Zone": "us-east-1a",
        "Life Cycle": "spot",
    },
]


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server that was sent all of it, then all again backwards."""
    with (
        running_server(tmp_path_factory.mktemp("api") / "data") as server,
        httpx.Client(base_url=f"{server.url}/api/v1", timeout=900, trust_env=False) as client,
    ):
        for body in (lines(application_start(APP), *SENT), lines(*reversed(SENT), application_start(APP))):
            assert client.post("/events", content=body, headers=NDJSON).raise_for_status().json()["bad_lines"] == 0
        yield client


def get(api: httpx.Client, path: str, **parameters: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/applications/{APP}/{path}", params=parameters).raise_for_status().json()
    return answer


def test_buckets_are_summed_over_processes(api: httpx.Client) -> None:
    answer = get(api, "storage-io")
    assert (answer["measured"], answer["truncated"]) == (True, False)
    assert answer["file_systems"] == [
        {"scheme": "s3a", "bucket": "lake", "counters": {"get": 12, "put": 1}},
        {"scheme": "s3a", "bucket": "mart", "counters": {"put": 2}},
    ]


def test_details_divide_by_process_and_by_stage(api: httpx.Client) -> None:
    executors = get(api, "storage-io", detail="executors")["executors"]
    assert {(e["executor_id"], e["bucket"]): e["counters"] for e in executors} == {
        ("1", "lake"): {"get": 5, "put": 1},
        ("2", "lake"): {"get": 7},
        ("2", "mart"): {"put": 2},
    }
    (of_stage,) = get(api, "storage-io", detail="stages")["stages"]
    assert of_stage == {"stage_id": 4, "stage_attempt_id": 0, "tasks": 5, "counters": {"stream_read_bytes": 350}}


def test_each_process_has_its_peaks_and_its_machine(api: httpx.Client) -> None:
    first = get(api, "executor-usage", limit="1")
    second = get(api, "executor-usage", limit="1", cursor=first["next_cursor"])
    (one,), (driver,) = first["executors"], second["executors"]
    assert (one["executor_id"], one["samples"], one["peak_process_rss_bytes"], one["gc_time_ms"]) == ("1", 2, 100, 9)
    assert (one["instance_type"], one["zone"], one["life_cycle"]) == ("m5.xlarge", "us-east-1a", "spot")
    assert (driver["executor_id"], driver["samples"], driver["instance_type"]) == ("driver", 1, "")
    assert second["next_cursor"] is None


def test_an_application_without_the_plugin_is_not_measured(api: httpx.Client) -> None:
    other = "application_1700000000000_0002"
    api.post("/events", content=lines(application_start(other)), headers=NDJSON).raise_for_status()
    answer = api.get(f"/applications/{other}/storage-io").raise_for_status().json()
    assert (answer["measured"], answer["file_systems"]) == (False, [])
