"""The read API over a real store, filled with real event logs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pytest

from collector.api.imports.wire import MEDIA_TYPE, encode_tables
from collector.eventlog import Identity, decode
from collector.importing import import_paths
from sparkledger.connection import Connection, Network
from sparkledger.import_over_http import HttpCatalog, HttpSink
from tests.support.processes import running_server
from tests.support.wire import application_start, lines

LOGS = (
    "apache__spark/spark-events",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts",
    "kubeflow__mcp-apache-spark-history-server/basic",
)
TWO_ATTEMPTS = "application_1724877841851_0016"
SKEWED = TWO_ATTEMPTS
IDLE = "app-20200706201101-0003"


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory, event_logs: Path) -> Iterator[httpx.Client]:
    """A client of a running server that holds the logs."""
    data = tmp_path_factory.mktemp("api") / "data"
    with running_server(data) as server:
        with Connection(Network(server.url, {}), server.url) as connection:
            logs = import_paths([event_logs / name for name in LOGS], HttpSink(connection), HttpCatalog(connection))
        assert [log.skipped for log in logs if log.skipped] == []
        with httpx.Client(base_url=f"{server.url}/api/v1", timeout=600, trust_env=False) as client:
            # A list waits for analyses only for a while, and says how many are still to come.
            while client.get("/applications").raise_for_status().json()["waiting_for_analysis"]:
                time.sleep(0.5)
            yield client


def get(api: httpx.Client, path: str, **parameters: Any) -> Any:
    response = api.get(path, params=parameters)
    assert response.status_code == 200, response.text
    return response.json()


def refusal(api: httpx.Client, status: int, path: str, **parameters: Any) -> dict[str, Any]:
    response = api.get(path, params=parameters)
    assert response.status_code == status, response.text
    error: dict[str, Any] = response.json()["error"]
    assert set(error) == {"status", "code", "message", "hint", "request_id"}
    assert error["hint"]
    return error


def test_applications_come_newest_first_and_analysed(api: httpx.Client) -> None:
    page = get(api, "/applications")
    starts = [application["started_at"] for application in page["applications"]]
    assert len(starts) == 6
    assert starts == sorted(starts, reverse=True)
    assert page["waiting_for_analysis"] == 0
    assert page["next_cursor"] is None


def test_pages_join_without_gap_or_double(api: httpx.Client) -> None:
    whole = [(a["app_id"], a["attempt_id"]) for a in get(api, "/applications")["applications"]]
    joined, cursor = [], ""
    while True:
        page = get(api, "/applications", limit=2, cursor=cursor)
        joined += [(a["app_id"], a["attempt_id"]) for a in page["applications"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert joined == whole


def test_filters_narrow_the_list(api: httpx.Client) -> None:
    everything = get(api, "/applications")["applications"]
    team = next(a["team"] for a in everything if a["app_id"] == IDLE)
    assert [a["app_id"] for a in get(api, "/applications", team=team)["applications"]] == [IDLE]
    assert get(api, "/applications", name="PROCESSLARGE")["applications"] == [a for a in everything if a["app_id"] == TWO_ATTEMPTS]
    assert get(api, "/applications", until="2020-01-01T00:00:00Z")["applications"] == [
        a for a in everything if a["started_at"] < "2020-01-01"
    ]
    assert get(api, "/applications", since="2030-01-01")["applications"] == []


def test_money_names_its_prices_and_parts_sum_to_the_whole(api: httpx.Client) -> None:
    for application in get(api, "/applications")["applications"]:
        cost, spent = application["cost"], application["core_time"]
        assert 0 <= cost["low_usd"] <= cost["expected_usd"] <= cost["high_usd"]
        assert cost["price_book"]
        assert cost["prices_as_of"]
        assert spent["idle_core_s"] <= spent["allocated_core_s"]
        assert 0 <= spent["busy_share"] <= 1


def test_the_latest_attempt_is_meant_unless_another_is_named(api: httpx.Client) -> None:
    assert get(api, f"/applications/{TWO_ATTEMPTS}")["attempt_id"] == "2"
    assert get(api, f"/applications/{TWO_ATTEMPTS}", attempt="1")["attempt_id"] == "1"
    error = refusal(api, 404, f"/applications/{TWO_ATTEMPTS}", attempt="3")
    assert "`1`, `2`" in error["hint"]


def test_facts_are_those_of_the_log(api: httpx.Client, expected_facts: dict[str, dict[str, Any]]) -> None:
    expected = next(facts for facts in expected_facts.values() if facts["app"]["id"] == IDLE)
    facts = get(api, f"/applications/{IDLE}/facts")["facts"]
    names = ("tasks_succeeded", "tasks_failed", "jobs", "stage_attempts_completed", "executors_added", "wall_ms", "app_ended")
    assert {name: facts[name] for name in names} == {name: expected[name] for name in names}


def test_stages_page_through_in_order(api: httpx.Client) -> None:
    whole = get(api, f"/applications/{IDLE}/stages")["stages"]
    ids = [(stage["stage_id"], stage["stage_attempt_id"]) for stage in whole]
    assert ids == sorted(ids)
    first = get(api, f"/applications/{IDLE}/stages", limit=1)
    rest = get(api, f"/applications/{IDLE}/stages", cursor=first["next_cursor"])
    assert first["stages"] + rest["stages"] == whole
    assert all(len(stage["quantiles"]["levels"]) == 8 for stage in whole if stage["tasks_succeeded"])


def test_findings_come_with_evidence_money_and_a_change(api: httpx.Client) -> None:
    found = get(api, f"/applications/{SKEWED}/findings")["findings"]
    skew = next(finding for finding in found if finding["rule_code"] == "SKW001")
    assert skew["evidence"]
    assert skew["change"]["summary"]
    assert 0 <= skew["saving"]["low_core_s"] <= skew["saving"]["high_core_s"]
    assert skew["saving"]["prices_as_of"]
    assert skew["thresholds"]


def test_findings_across_applications_are_sorted_and_page(api: httpx.Client) -> None:
    order = ["info", "low", "medium", "high"]
    whole = get(api, "/findings")["findings"]
    severities = [order.index(finding["severity"]) for finding in whole]
    assert severities == sorted(severities, reverse=True)
    assert len(whole) >= 3
    first = get(api, "/findings", limit=2)
    rest = get(api, "/findings", cursor=first["next_cursor"])
    assert first["findings"] + rest["findings"] == whole
    assert {f["rule_code"] for f in get(api, "/findings", rule="skw001")["findings"]} == {"SKW001"}
    assert all(f["severity"] in ("medium", "high") for f in get(api, "/findings", min_severity="medium")["findings"])


def test_every_rule_has_a_page(api: httpx.Client) -> None:
    rules = get(api, "/rules")["rules"]
    assert rules
    for rule in rules:
        page = get(api, f"/rules/{rule['code']}")
        assert page["title"] in page["markdown"]
        assert all(threshold["source"] and threshold["unit"] for threshold in page["thresholds"])
    error = refusal(api, 404, "/rules/SKW999")
    assert "SKW001" in error["hint"]


@pytest.mark.parametrize(
    ("path", "parameters", "status", "code"),
    [
        ("/applications/app-20200706201101-000", {}, 404, "application_not_found"),
        ("/applications/nothing/facts", {}, 404, "application_not_found"),
        ("/applications/nothing/stages", {}, 404, "application_not_found"),
        ("/applications/nothing/findings", {}, 404, "application_not_found"),
        ("/applications", {"cursor": "%%%"}, 422, "bad_cursor"),
        ("/applications", {"cursor": "WzEsMl0"}, 422, "bad_cursor"),
        ("/applications", {"limit": 0}, 422, "invalid_request"),
        ("/findings", {"min_severity": "grave"}, 422, "invalid_request"),
        ("/digests/growth/2025-W53", {}, 422, "bad_week"),
        ("/digests/growth/2999-W01", {}, 422, "week_not_begun"),
    ],
)
def test_refusals_have_one_shape_and_a_hint(api: httpx.Client, path: str, parameters: dict[str, Any], status: int, code: str) -> None:
    assert refusal(api, status, path, **parameters)["code"] == code


def test_an_unknown_application_names_the_nearest(api: httpx.Client) -> None:
    assert IDLE in refusal(api, 404, f"/applications/{IDLE[:-1]}")["hint"]


def test_a_digest_reads_in_every_format(api: httpx.Client) -> None:
    path = "/digests/unowned/2024-W35"
    digest = get(api, path)
    assert digest["totals"]["applications"] == 2
    assert digest["final"] is True
    for kind, media_type in {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}.items():
        response = api.get(path, params={"format": kind})
        assert response.headers["content-type"].startswith(media_type)
        assert "ProcessLargeDataset" in response.text.replace("\\", "")
    assert ("unowned", "2024-W35") in [(kept["team"], kept["week"]) for kept in get(api, "/digests")["digests"]]


def post_batch(api: httpx.Client, body: bytes) -> httpx.Response:
    return api.post("/imports/batches", content=body, headers={"Content-Type": MEDIA_TYPE})


@pytest.mark.parametrize("body", [b"no arrow", b"\xff" * 64])
def test_a_broken_import_batch_is_refused(api: httpx.Client, body: bytes) -> None:
    response = post_batch(api, body)
    assert response.status_code == 422, response.text
    assert response.json()["error"]["code"] == "broken_batch"


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_an_import_batch_that_any_web_page_could_send_is_refused(api: httpx.Client, content_type: str) -> None:
    rows = decode(lines(application_start("app-1")), Identity("app-1")).tables["applications"]
    headers = {"Content-Type": content_type} if content_type else {}
    response = api.post("/imports/batches", content=encode_tables({"applications": rows}), headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (415, "unsupported_media_type")


def test_import_batches_hold_raw_rows_and_nothing_else(api: httpx.Client) -> None:
    rows = decode(lines(application_start("app-1")), Identity("app-1")).tables["applications"]
    outside = pa.DictionaryArray.from_arrays(pa.array([7_654_321], pa.int32()), pa.array(["start"]), safe=False)
    foreign = {
        "another table": {"schema_migrations": rows},
        "a column too few": {"applications": rows.drop_columns(["time"])},
        "another type": {"applications": rows.set_column(rows.column_names.index("time"), "time", pa.array(["today"]))},
        "another record": {"ingest_batches": pa.table({"seq": [1]})},
    }
    codes = {what: post_batch(api, encode_tables(tables)).json()["error"]["code"] for what, tables in foreign.items()}
    assert codes == dict.fromkeys(foreign, "foreign_table")
    broken = rows.set_column(rows.column_names.index("event"), "event", outside)
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, broken.schema.with_metadata({"table": "applications"})) as writer:
        writer.write_table(broken.replace_schema_metadata({"table": "applications"}))
    response = post_batch(api, stream.getvalue().to_pybytes())
    assert (response.status_code, response.json()["error"]["code"]) == (422, "broken_batch")


def test_an_endless_id_is_not_found_like_any_other(api: httpx.Client) -> None:
    assert refusal(api, 404, f"/applications/{'i' * 60_000}")["hint"]


def test_openapi_describes_every_read_endpoint(api: httpx.Client) -> None:
    root = str(api.base_url).removesuffix("/api/v1/")
    schema = httpx.get(f"{root}/openapi.json", timeout=600, trust_env=False).json()
    undescribed = [
        f"{method} {path}"
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
        if not operation.get("summary") or (path.startswith("/api") and not operation.get("description"))
    ]
    assert undescribed == []


def test_the_docs_page_and_its_files_are_served(api: httpx.Client) -> None:
    root = str(api.base_url).removesuffix("/api/v1/")
    page = httpx.get(f"{root}/docs", timeout=600, trust_env=False)
    assert "swagger-ui" in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    assert httpx.get(f"{root}/docs/assets/docs/docs.js", timeout=600, trust_env=False).status_code == 200
