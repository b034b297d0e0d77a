"""Prices and Spot over a real event log, through API and command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.importing import import_paths
from sparkledger.connection import Connection, Network
from sparkledger.import_over_http import HttpCatalog, HttpSink
from tests.support.processes import REPOSITORY, clean_environment, running_server

APP = "application_1724877841851_0016"
LOCAL = "local-1596020211915"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, event_logs: Path) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("cost") / "data") as running:
        with Connection(Network(running.url, {}), running.url) as connection:
            logs = [event_logs / "NVIDIA__spark-rapids-tools/spark-events-qualification", event_logs / "apache__spark/sql-spark-events"]
            import_paths(logs, HttpSink(connection), HttpCatalog(connection))
        yield running.url


def ask(server: str, path: str, status: int = 200, body: Any = None, **parameters: Any) -> Any:
    method = "GET" if body is None else "POST"
    url = f"{server}/api/v1/applications/{path}"
    response = httpx.request(method, url, params=parameters, json=body, timeout=900, trust_env=False)
    assert response.status_code == status, response.text
    return response.json()


def test_a_run_has_a_bill_on_every_deployment(server: str) -> None:
    answer = ask(server, f"{APP}/cost", attempt="1")

    assert {bill["deployment"] for bill in answer["bills"]} == {"emr-ec2", "emr-eks", "emr-serverless"}
    for bill in answer["bills"]:
        assert sum(bill["items_usd"].values()) == pytest.approx(bill["expected_usd"])
        assert 0 < bill["low_usd"] <= bill["expected_usd"] <= bill["high_usd"]
    found = answer["break_even"]
    bills = {bill["name"]: bill["expected_usd"] for bill in answer["bills"]}
    cheaper = "emr-serverless" if bills["Serverless"] < bills["EC2, a cluster of its own"] else "emr-ec2"
    assert found["verdict"] in (cheaper, "too close to call")


def test_terms_change_what_they_should(server: str) -> None:
    def named(**terms: Any) -> dict[str, float]:
        return {bill["name"]: bill["expected_usd"] for bill in ask(server, f"{APP}/cost", attempt="1", **terms)["bills"]}

    plain, spot = named(), named(spot_share=1, spot_discount=0.6)
    assert spot["EC2, share of a full cluster"] < plain["EC2, share of a full cluster"]
    assert spot["Serverless"] == plain["Serverless"]


@pytest.mark.parametrize(
    ("terms", "code"), [({"instance_type": "m9.huge"}, "no_price"), ({"instance_type": "c5.xlarge", "spot_share": 2}, None)]
)
def test_terms_without_a_price_are_refused(server: str, terms: dict[str, Any], code: str | None) -> None:
    error = ask(server, f"{APP}/cost", 422, **terms)["error"]

    assert code is None or error["code"] == code
    assert error["hint"]


def test_local_mode_has_no_price_and_no_spot(server: str) -> None:
    assert ask(server, f"{LOCAL}/cost", 422)["error"]["code"] == "nothing_to_price"
    assert ask(server, f"{LOCAL}/spot", 422)["error"]["code"] == "nothing_on_spot"


def test_the_estimate_is_set_against_the_bill(server: str) -> None:
    billed = {"jobRun": {"billedResourceUtilization": {"vCPUHour": 50.0, "memoryGBHour": 200.0, "storageGBHour": 0.0}, "attempt": 1}}
    answer = ask(server, f"{APP}/cost/reconciliation", body=billed, attempt="1")

    assert sum(step["usd"] for step in answer["steps"]) == pytest.approx(answer["billed_usd"])
    assert answer["billed_usd"] == pytest.approx(50 * 0.052624 + 200 * 0.0057785)
    assert answer["explanation"]
    assert ask(server, f"{APP}/cost/reconciliation", 422, body={"a": 1})["error"]["code"] == "bad_billed_resources"


def test_a_run_is_judged_for_spot(server: str) -> None:
    answer = ask(server, f"{APP}/spot", attempt="1")

    assert [option["on_demand_share"] for option in answer["options"]] == [0, 0.25, 0.5, 0.75, 1]
    assert answer["options"][-1]["saving_usd"] == {"low": 0, "mean": 0, "high": 0}
    assert answer["recommended"] in answer["options"]
    assert answer["rate"]["assumed_per_instance_h"] == 0.005
    assert answer["stages"]
    worse = ask(server, f"{APP}/spot", attempt="1", reclaims_h=5)
    assert worse["options"][0]["saving_usd"]["mean"] < answer["options"][0]["saving_usd"]["mean"]


def test_forty_counts_have_a_front(server: str) -> None:
    answer = ask(server, f"{APP}/whatif", attempt="1", pareto=True)

    front = [(s["wall_ms"], s["expected_usd"]) for s in answer["scenarios"] if s["on_front"]]
    assert 1 <= len(front) < len(answer["scenarios"]) <= 41
    assert sorted(front, key=lambda p: p[0]) == sorted(front, key=lambda p: -p[1])


def cli(server: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sparkledger", "--server", server, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_commands_show_it(server: str, tmp_path: Path) -> None:
    billed = tmp_path / "job-run.json"
    billed.write_text(json.dumps({"billedResourceUtilization": {"vCPUHour": 5.0, "memoryGBHour": 20.0}}))
    wanted = {
        ("price", APP): "breaks even with Serverless at",
        ("price", APP, "--billed", str(billed)): "off the bill",
        ("whatif", APP, "--spot"): "Spot stops paying under a discount of",
        ("whatif", APP, "--pareto"): "none is faster and cheaper",
        ("report", APP): "bought as",
    }
    for arguments, words in wanted.items():
        done = cli(server, *arguments)
        assert done.returncode == 0, done.stderr
        assert words in " ".join(done.stdout.split())


def test_a_bill_that_is_no_json_ends_the_command_with_2(server: str, tmp_path: Path) -> None:
    (tmp_path / "bill.json").write_text("<xml>")
    done = cli(server, "price", APP, "--billed", str(tmp_path / "bill.json"))

    assert done.returncode == 2
    assert "hint: save it with: aws emr-serverless get-job-run" in done.stderr
