"""Waterfall and what-if over real event logs, read out of a store, and through API and command line."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import pytest

from analyzer.cost.book import load_price_book
from analyzer.cost.price import Target
from analyzer.profiles.application import Header, read_executors, read_header
from analyzer.profiles.platform import is_local
from analyzer.timeline.history import History
from analyzer.timeline.reading import history_of
from analyzer.timeline.waterfall import waterfall
from analyzer.timeline.whatif import Choice, Prediction, predict
from collector.importing import import_paths
from collector.importing.catalog import StoreCatalog
from collector.storage import open_store
from collector.storage.writer import Writer
from sparkledger.connection import Connection, Network
from sparkledger.import_over_http import HttpCatalog, HttpSink
from tests.support.processes import REPOSITORY, clean_environment, running_server

LOGS = (
    "apache__spark",
    "linkedin__dr-elephant",
    "mgarralda__garralda-performance-model",
    "NVIDIA__spark-rapids-tools",
    "NVIDIA__spark-rapids",
    "kubeflow__mcp-apache-spark-history-server",
    "synccomputingcode__syncsparkpy",
    "DistributedSystemsGroup__SparkEvents",
)
# Runs whose own events say less than a replay needs: no core count in local mode, lost executors that took hours of work
# with them, and executors that were alive and got no task.
HARD_TO_REPLAY = {"local-1422981780767", "app-20150427150733-0000", "application_1603128018386_7759"}
APP = "application_1724877841851_0016"


@pytest.fixture(scope="module")
def histories(event_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], tuple[Header, History]]:
    with open_store(str(tmp_path_factory.mktemp("timeline"))) as store:
        writer = Writer(store)
        results = import_paths([event_logs / name for name in LOGS], writer, StoreCatalog(store))
        writer.close()
        keys = sorted({(r.app_id, r.attempt_id) for r in results if r.app_id})
        read = {}
        for key in keys:
            header = read_header(store, *key)
            read[key] = (header, history_of(store, header, read_executors(store, header)))
        return read


def predicted(header: Header, history: History, choice: Choice) -> Prediction:
    return predict(history, header.conf, choice, load_price_book(), Target(), is_local(header.platform))


def test_every_real_run_is_divided_without_a_remainder(histories: dict[tuple[str, str], tuple[Header, History]]) -> None:
    assert len(histories) == 17
    for _, history in histories.values():
        divided = waterfall(history)
        assert divided.by_executor.sum(axis=1).tolist() == history.executors.allocated_core_ms.tolist()
        assert (divided.by_executor >= 0).all()


def test_work_that_was_lost_with_executors_is_found(histories: dict[tuple[str, str], tuple[Header, History]]) -> None:
    parts = waterfall(histories["application_1603128018386_7846", ""][1]).parts
    resubmitted = waterfall(histories["app-20150427150733-0000", ""][1])
    speculated = waterfall(histories["application_1628109047826_1317105", ""][1]).parts

    assert parts["failed_or_rerun"] > 0
    assert resubmitted.parts["failed_or_rerun"] > 0.1 * resubmitted.allocated_core_ms
    assert not resubmitted.cpu_reported
    assert speculated["speculative_losers"] > 0


def test_waiting_on_stragglers_is_the_largest_part_of_the_skewed_run(histories: dict[tuple[str, str], tuple[Header, History]]) -> None:
    parts = waterfall(histories[APP, "1"][1]).parts

    assert max(parts, key=lambda name: parts[name]) == "waiting_on_stragglers"


def test_replays_come_within_a_few_per_cent_of_what_ran(histories: dict[tuple[str, str], tuple[Header, History]]) -> None:
    errors = {key[0] + key[1]: predicted(*read, Choice()).wall_error for key, read in histories.items()}

    assert median(abs(error) for error in errors.values()) < 0.02
    assert {name: error for name, error in errors.items() if abs(error) > 0.05 and name not in HARD_TO_REPLAY} == {}


def test_more_executors_are_never_slower_and_never_faster_than_the_critical_path(
    histories: dict[tuple[str, str], tuple[Header, History]],
) -> None:
    for header, history in histories.values():
        if is_local(header.platform):
            continue
        answer = predicted(header, history, Choice(executors=(1, 2, 1000)))
        walls = [s.wall_ms for s in answer.scenarios if s.name != "skew removed"]
        assert walls == sorted(walls, reverse=True)
        assert walls[-1] >= answer.critical_path_ms


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, event_logs: Path) -> Iterator[str]:
    with running_server(tmp_path_factory.mktemp("whatif") / "data") as running:
        with Connection(Network(running.url, {}), running.url) as connection:
            logs = [event_logs / "NVIDIA__spark-rapids-tools/spark-events-qualification", event_logs / "apache__spark/sql-spark-events"]
            import_paths(logs, HttpSink(connection), HttpCatalog(connection))
        yield running.url


def get(server: str, path: str, status: int = 200, **parameters: Any) -> Any:
    response = httpx.get(f"{server}/api/v1{path}", params=parameters, timeout=600, trust_env=False)
    assert response.status_code == status, response.text
    return response.json()


def test_the_waterfall_of_the_api_sums_in_time_and_money(server: str) -> None:
    answer = get(server, f"/applications/{APP}/waterfall", attempt="1", detail="executors")

    assert sum(part["core_ms"] for part in answer["parts"]) == answer["allocated_core_ms"]
    assert sum(part["usd"] for part in answer["parts"]) == pytest.approx(answer["cost_usd"])
    assert all(part["knob"] for part in answer["parts"])
    assert [sum(e["parts"].values()) for e in answer["executors"]] == [e["allocated_core_ms"] for e in answer["executors"]]
    assert sum(e["allocated_core_ms"] for e in answer["executors"]) == answer["allocated_core_ms"]
    assert answer["allocated_core_ms"] / 1000 == get(server, f"/applications/{APP}", attempt="1")["core_time"]["allocated_core_s"]


def test_stages_of_the_waterfall_hold_what_their_tasks_held(server: str) -> None:
    answer = get(server, f"/applications/{APP}/waterfall", attempt="1", detail="stages")
    in_tasks = sum(part["core_ms"] for part in answer["parts"] if part["kind"] != "slot_idle")

    assert sum(stage["held_core_ms"] for stage in answer["stages"]) == in_tasks
    assert answer["executors"] == []


def test_the_api_predicts_what_was_asked(server: str) -> None:
    answer = get(server, f"/applications/{APP}/whatif", attempt="1", executors="2,5", cores=4, max_executors=3)

    assert [s["name"] for s in answer["scenarios"][:3]] == ["2 x 4 cores", "5 x 4 cores", "dynamic, at most 3 x 4 cores"]
    assert [s["executors_peak"] for s in answer["scenarios"][:3]] == [2, 5, 3]
    assert abs(answer["error"]["wall"]) < 0.05
    assert answer["actual"]["wall_ms"] == get(server, f"/applications/{APP}", attempt="1")["wall_ms"]


@pytest.mark.parametrize("executors", ["0", "many", "1,-2", "20000", ",".join(["1"] * 41)])
def test_counts_that_are_none_are_refused_with_a_hint(server: str, executors: str) -> None:
    error = get(server, f"/applications/{APP}/whatif", 422, executors=executors)["error"]

    assert error["code"] == "bad_executors"
    assert "5,10,20" in error["hint"]


def test_local_mode_has_no_executors_to_count(server: str) -> None:
    assert get(server, "/applications/local-1596020211915/whatif", 422, executors="4")["error"]["code"] == "local_mode"
    assert get(server, "/applications/local-1596020211915/whatif", cores=1)["scenarios"][0]["name"] == "1 x 1 cores"


def test_unknown_applications_are_not_found(server: str) -> None:
    assert get(server, "/applications/nothing/waterfall", 404)["error"]["code"] == "application_not_found"
    assert get(server, "/applications/nothing/whatif", 404)["error"]["code"] == "application_not_found"


def cli(server: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "sparkledger", "--server", server, *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=clean_environment(), capture_output=True, text=True, check=False)


def test_the_command_prints_a_table_with_its_error(server: str) -> None:
    done = cli(server, "whatif", APP, "--executors", "5,10")

    assert done.returncode == 0, done.stderr
    assert [line.split("  ")[0] for line in done.stdout.splitlines()[1:5]] == [
        "as it ran",
        "replayed as it ran",
        "5 x 3 cores",
        "10 x 3 cores",
    ]
    assert "error of the replay on what really ran: time " in done.stdout


def test_the_command_gives_the_answer_of_the_api_as_json(server: str) -> None:
    done = cli(server, "whatif", APP, "--max-executors", "4", "--json")

    assert json.loads(done.stdout) == get(server, f"/applications/{APP}/whatif", max_executors=4)


def test_a_count_that_is_none_ends_the_command_with_2(server: str) -> None:
    done = cli(server, "whatif", APP, "--executors", "some")

    assert done.returncode == 2
    assert "hint: " in done.stderr
