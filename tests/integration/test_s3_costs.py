"""S3 of a run over the API, on its page and in its report: ranges from the plan, counts with the plugin, nothing where there is none."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import httpx
import pytest
from rich.console import Console

from analyzer.cost.book import load_price_book
from analyzer.pipeline import analyse
from analyzer.profiles.application import read_header
from analyzer.s3.reading import read_s3_use
from collector.importing import import_paths
from collector.importing.catalog import StoreCatalog
from collector.storage import open_store
from collector.storage.writer import Writer
from sparkledger.cli.s3_view import s3_lines
from sparkledger.server import create_app
from sparkledger.settings import load_settings
from tests.rules.application_events import event_log
from tests.support.wire import NDJSON

PLANNED, COUNTED, ELSEWHERE, VECTORED, SWITCHED_OFF = (f"application_1795400000000_000{n}" for n in range(1, 6))
READ_S, WAIT_SHARE = 400 * 50, 0.6
RUN: dict[str, Any] = {
    "wall_s": 700,
    "executors": [{"count": 10, "cores": 4}],
    "scans": [{"location": "s3a://lake/events/day=2026-11-20", "files": 25_000, "size": "9.5 GiB", "format": "JSON"}],
    "plans": [
        {
            "name": "Execute InsertIntoHadoopFsRelationCommand",
            "text": "Execute InsertIntoHadoopFsRelationCommand s3a://mart/kinds, false, Parquet, Overwrite, [a]",
            "metrics": {"number of written files": 40, "written output": "1 GiB"},
        }
    ],
    "stages": [
        {"name": "read", "start_s": 0, "sql_execution": 0, "metrics": {1002: 1_000_000},
         "tasks": [{"count": 400, "duration_s": 50, "cpu_share": 1 - WAIT_SHARE, "input": "24.4 MiB"}]},
        {"name": "write", "start_s": 510, "sql_execution": 1,
         "tasks": [{"count": 40, "duration_s": 10, "cpu_share": 0.5, "output": "25.6 MiB"}]},
        # In the execution of the scan, and without a metric of it: it reads something else.
        {"name": "cached", "start_s": 530, "sql_execution": 0, "tasks": [{"duration_s": 1, "cpu_share": 0.5, "input": 1 << 20}]},
    ],
}  # fmt: skip
IO = {
    "buckets": {
        "lake": {"action_http_get_request": 50_400, "object_list_request": 26, "store_io_throttled": 12, "store_io_retry": 12},
        "mart": {"object_put_request": 42, "object_copy_requests": 80, "action_http_head_request": 500},
    },
    "stages": {0: {"tasks": 400, "action_http_get_request": 50_000, "action_http_get_request.time_ms": 2_500_000}},
}
BOOK = load_price_book()
SHARED = "/api/v1/shared-reads?since=2026-11-01"


def parquet(vectored: str, counted: str) -> dict[str, Any]:
    """A run of Spark 4.3 that reads 2 GiB of Parquet, with or without vectored reads, and what each of its tasks counts."""
    return {
        "spark_version": "4.3.0",
        "conf": {"spark.hadoop.parquet.hadoop.vectored.io.enabled": vectored},
        "wall_s": 100,
        "executors": [{"count": 1, "cores": 4}],
        "scans": [{"location": "s3a://lake/users", "files": 16, "size": "2 GiB", "rows": 1_000_000}],
        "stages": [{"name": "read", "start_s": 0, "sql_execution": 0, "metrics": {1002: 1_000_000},
                    "tasks": [{"count": 16, "duration_s": 10, "cpu_share": 0.5, "input": counted, "input_records": 62_500}]}],
    }  # fmt: skip


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What `/s3` answers of runs that were planned only, counted, on HDFS, and of Parquet; the pages of two of them; what they share."""
    hdfs = {**RUN, "scans": [{**RUN["scans"][0], "location": "hdfs://n/events"}], "plans": []}
    runs = [(RUN, PLANNED), ({**RUN, "io": IO}, COUNTED), (hdfs, ELSEWHERE)]
    runs += [(parquet("true", "2 KiB"), VECTORED), (parquet("false", "128 MiB"), SWITCHED_OFF)]
    logs = [event_log(run, app) for run, app in runs]
    paths = [
        *(f"/api/v1/applications/{app}/s3" for app in (PLANNED, COUNTED, ELSEWHERE, VECTORED, SWITCHED_OFF)),
        *(f"/applications/{app}" for app in (COUNTED, ELSEWHERE)),
        SHARED,
    ]

    async def run() -> list[httpx.Response]:
        app = create_app(load_settings(data_dir=tmp_path_factory.mktemp("s3") / "data"))
        transport = httpx.ASGITransport(app=app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test", timeout=300) as client:
            for log in logs:
                (await client.post("/api/v1/events", content=log, headers=NDJSON)).raise_for_status()
            return [(await client.get(path)).raise_for_status() for path in paths]

    found = asyncio.run(run())
    return {path: answer.json() if path.startswith("/api") else answer.text for path, answer in zip(paths, found, strict=True)}


def s3_of(answers: dict[str, Any], app: str) -> dict[str, Any]:
    answer: dict[str, Any] = answers[f"/api/v1/applications/{app}/s3"]
    return answer


def test_a_plan_alone_gives_ranges_with_what_they_assume(answers: dict[str, Any]) -> None:
    answer = s3_of(answers, PLANNED)
    read, written = answer["places"]

    assert (read["place"], read["access"], read["gets_counted"]) == ("s3a://lake/events/day=*", "read", False)
    assert 25_000 <= read["requests"]["get"]["low"] < 50_000 < read["requests"]["get"]["high"] < 60_000 + 1_000
    assert (written["place"], written["access"], written["requests"]["write"]["low"]) == ("s3a://mart/kinds", "write", 40)
    assert not answer["counted"]
    assert answer["assumptions"]
    assert any("no plugin" in note for note in answer["notes"])


def test_waiting_is_within_the_runs_cost_and_requests_are_beside_it(answers: dict[str, Any]) -> None:
    answer = s3_of(answers, PLANNED)
    stages = {stage["name"]: stage for stage in answer["stages"]}

    assert stages.keys() == {"read", "write"}
    assert stages["read"]["waiting"]["core_s"]["high"] == pytest.approx(READ_S * WAIT_SHARE)
    assert answer["waiting"]["core_s"]["high"] == pytest.approx(READ_S * WAIT_SHARE + 40 * 10 * 0.5)
    assert answer["waiting"]["share"]["high"] == pytest.approx((READ_S * WAIT_SHARE + 200) / (10 * 4 * 700))
    asked = answer["requests"]
    tiers = [
        (asked["get"], BOOK.s3_get_usd),
        (asked["head"], BOOK.s3_get_usd),
        (asked["listing"], BOOK.s3_list_usd),
        (asked["write"], BOOK.s3_list_usd),
    ]
    for end in ("low", "high"):
        assert answer["requests_usd"][end] == pytest.approx(sum(kind[end] * usd for kind, usd in tiers), rel=0.001)


def test_the_plugins_counts_take_the_place_of_estimates(answers: dict[str, Any]) -> None:
    answer = s3_of(answers, COUNTED)
    read = next(place for place in answer["places"] if place["access"] == "read")
    written = next(place for place in answer["places"] if place["access"] == "write")

    assert (read["requests"]["get"], read["gets_counted"]) == ({"low": 50_000, "high": 50_000}, True)
    assert written["requests"]["write"]["high"] <= 42 + 80
    assert written["requests"]["head"]["high"] <= 500
    assert answer["requests_usd"]["low"] == answer["requests_usd"]["high"] == pytest.approx((50_900 * 0.0004 + (26 + 122) * 0.005) / 1000)
    assert next(stage for stage in answer["stages"] if stage["name"] == "read")["waiting"]["core_s"]["low"] == pytest.approx(2_500)
    assert {b["bucket"]: (b["throttled"], b["retries"]) for b in answer["buckets"]} == {"lake": (12, 12), "mart": (0, 0)}


def test_a_run_elsewhere_has_nothing_to_tell(answers: dict[str, Any]) -> None:
    answer = s3_of(answers, ELSEWHERE)

    assert (answer["places"], answer["stages"], answer["buckets"], answer["notes"], answer["assumptions"]) == ([], [], [], [], [])
    assert answer["requests_usd"] == {"low": 0, "high": 0}


def test_the_page_has_the_section_where_there_is_something_in_it(answers: dict[str, Any]) -> None:
    counted, elsewhere = (answers[f"/applications/{app}"] for app in (COUNTED, ELSEWHERE))

    assert "<h2>S3</h2>" in counted
    assert "s3a://lake/events/day=*" in counted
    assert "<h2>S3</h2>" not in elsewhere


@pytest.mark.parametrize("width", [80, 140])
def test_the_report_tells_it_in_a_few_lines(answers: dict[str, Any], width: int) -> None:
    console = Console(width=width, no_color=True)
    with console.capture() as captured:
        for line in s3_lines(s3_of(answers, COUNTED)):
            console.print(line)
    text = captured.get()

    assert "counted by the plugin; beside the cost above" in " ".join(text.split())
    assert "bucket lake: 12 requests throttled, 12 retries" in text
    assert all(len(line.rstrip()) <= width for line in text.splitlines())


def test_files_that_two_applications_read_are_told_once(answers: dict[str, Any]) -> None:
    shared, _ = answers[SHARED]["reads"]

    assert sorted(shared["app_ids"]) == [PLANNED, COUNTED]
    assert (shared["applications"], shared["reads"], shared["files"], shared["bytes_counted"]) == (2, 2, 25_000, True)
    assert shared["read_again_bytes"] == pytest.approx(9.5 * 2**30, rel=0.001)
    assert shared["read_again_task_s"] == pytest.approx(READ_S, rel=0.01)
    assert (answers[SHARED]["applications"], answers[SHARED]["truncated"]) == (5, False)


def test_reads_that_spark_does_not_count_are_told_as_upper_bounds(answers: dict[str, Any]) -> None:
    _, shared = answers[SHARED]["reads"]
    hidden, counted = (s3_of(answers, app)["requests"]["get"] for app in (VECTORED, SWITCHED_OFF))

    assert sorted(shared["app_ids"]) == [VECTORED, SWITCHED_OFF]
    assert (shared["bytes_counted"], shared["read_bytes"], shared["read_again_bytes"]) == (False, 4 << 30, 2 << 30)
    assert hidden == counted


def test_a_real_run_is_divided_by_what_its_stages_reported(event_logs: Path, tmp_path: Path) -> None:
    app, log = "spark-cc4d115f011443d787f03a71a476a745", event_logs / "kubeflow__mcp-apache-spark-history-server/basic/events"
    with open_store(tmp_path) as store:
        writer = Writer(store)
        import_paths([log / f"eventlog_v2_{app}"], writer, StoreCatalog(store))
        writer.close()
        analyse(store, app, "")
        use = read_s3_use(store, read_header(store, app, ""), {}, (), task_cpus=1)

    assert {(place.writes, place.accesses, place.files) for place in use.places} == {(False, 3, 303), (True, 1, 2)}
    reading = {stage.stage.key[0]: stage for stage in use.stages if not stage.writes.high}
    assert reading.keys() == {1, 2, 5}  # a preview, a count and a full read, each by its own scan
    assert [reading[stage].gets.low for stage in (1, 2, 5)] == pytest.approx([1, 34, 101], abs=0.01)
