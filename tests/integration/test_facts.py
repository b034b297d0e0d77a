"""Facts of real event logs, imported through the product and compared with an independent computation."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from analyzer.facts import application_facts
from analyzer.pipeline import analyse
from collector.eventlog import Identity
from collector.importing.catalog import StoreCatalog
from collector.importing.run import import_paths
from collector.storage import Store, open_store
from collector.storage.writer import Writer

# Re-encoded twins of one log have its application id; together in a store they would be one application.
TWINS = "_transcoded"
TAXI = "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745"
CUT = "_transcoded/cut60_spark-cc4d115f011443d787f03a71a476a745.zstd.inprogress"
NAMES = (
    "apache__spark/spark-events/local-1422981780767",
    "linkedin__dr-elephant/history/event_log_230",
    "mgarralda__garralda-performance-model/small/small_executor3_cores3_memory3g_shuffle200/application_1664788134226_0048_correlation",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/eventlog_v2_local-1623876083964",
    "NVIDIA__spark-rapids-tools/spark-events-profiling/tasks_executors_fail_compressed_eventlog.zstd",
    "NVIDIA__spark-rapids/sqlparse_failure.gz",
    "apache__spark/spark-events/app-20200706201101-0003",
    "apache__spark/spark-events/application_1628109047826_1317105",
    "apache__spark/sql-spark-events/local-1596020211915",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_1_eventlog.zstd",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_2_eventlog.zstd",
    "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745",
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_1.zstd",
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_2.zstd",
    "synccomputingcode__syncsparkpy/application_1678162862227_0001",
    "DistributedSystemsGroup__SparkEvents/app-20150427150733-0000.inprogress",
    "NVIDIA__spark-rapids-tools/spark-events-profiling/malformed_json_eventlog.zstd",
)


def imported(directory: Path, *logs: Path) -> tuple[Store, dict[Path, Identity]]:
    """A store that holds the logs, and the identity each was imported under."""
    store = open_store(str(directory))
    writer = Writer(store)
    try:
        results = import_paths(logs, writer, StoreCatalog(store))
    finally:
        writer.close()
    assert [r.skipped for r in results] == [""] * len(logs)
    return store, {Path(r.path): Identity(r.app_id, r.attempt_id) for r in results}


def with_short_names(facts: Any) -> Any:
    """The same facts with stage names of 60 characters at most, as the independent computation cut them."""
    if isinstance(facts, dict):
        return {k: v[:60] if k == "name" and "stage" in facts else with_short_names(v) for k, v in facts.items()}
    return [with_short_names(item) for item in facts] if isinstance(facts, list) else facts


@pytest.fixture(scope="module")
def facts_by_log(event_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    store, identities = imported(tmp_path_factory.mktemp("facts"), *(event_logs / name for name in NAMES))
    with store:
        return {
            str(path.relative_to(event_logs)): application_facts(store, identity.app_id, identity.attempt_id)
            for path, identity in identities.items()
        }


@pytest.mark.parametrize("name", NAMES)
def test_facts_agree_with_an_independent_computation(
    name: str, facts_by_log: dict[str, dict[str, Any]], expected_facts: dict[str, dict[str, Any]]
) -> None:
    facts, expected = facts_by_log[name], expected_facts[name]

    assert with_short_names(facts) == {key: expected[key] for key in facts}


def test_every_log_that_is_no_twin_is_compared(expected_facts: dict[str, dict[str, Any]]) -> None:
    assert sorted(NAMES) == sorted(name for name in expected_facts if not name.startswith(TWINS))


def test_a_log_cut_in_the_middle_gives_the_facts_of_its_first_part(
    event_logs: Path, expected_facts: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    store, identities = imported(tmp_path, event_logs / CUT)
    with store:
        (identity,) = identities.values()
        facts = application_facts(store, identity.app_id, identity.attempt_id)

    assert facts == {key: expected_facts[CUT][key] for key in facts}


@pytest.mark.parametrize("order", [(CUT, TAXI), (TAXI, CUT)])
def test_copies_of_a_log_count_once_and_the_fullest_speaks(
    order: tuple[str, ...], event_logs: Path, expected_facts: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    store, identities = imported(tmp_path, *(event_logs / name for name in order))
    with store:
        (identity,) = set(identities.values())
        facts = application_facts(store, identity.app_id, identity.attempt_id)

    assert facts == {key: expected_facts[TAXI][key] for key in facts}


def without(event_logs: Path, path: Path, *events: str) -> Path:
    """The Kubernetes log as a file without these events."""
    (part,) = (event_logs / TAXI).glob("events_1_*")
    lines = [line for line in part.read_bytes().splitlines(keepends=True) if not any(event.encode() in line[:60] for event in events)]
    path.write_bytes(b"".join(lines))
    return path


def test_executors_that_were_never_announced_are_known_by_their_tasks(
    event_logs: Path, expected_facts: dict[str, dict[str, Any]], tmp_path: Path
) -> None:
    store, identities = imported(tmp_path / "data", without(event_logs, tmp_path / "app-1", "ExecutorAdded"))
    with store:
        (identity,) = identities.values()
        facts = application_facts(store, identity.app_id, identity.attempt_id)
        profile = analyse(store, identity.app_id, identity.attempt_id).profile

    expected = expected_facts[TAXI]
    assert (facts["executors_source"], facts["executors_added"], facts["executor_cores"]) == ("TaskEnd", 4, {"1": 4})
    assert expected["task_busy_ms"] <= facts["executor_core_ms"] <= expected["executor_core_ms"]
    assert profile.cost.usd > 0
    assert profile.completeness == "the start of 4 of 4 executors was never seen"


def test_run_time_is_unknown_where_the_start_was_never_seen(event_logs: Path, tmp_path: Path) -> None:
    store, identities = imported(tmp_path / "data", without(event_logs, tmp_path / "app-1", "ApplicationStart"))
    with store:
        (identity,) = identities.values()
        facts = application_facts(store, identity.app_id, identity.attempt_id)

    assert (facts["app_ended"], facts["wall_ms"], facts["app"]["start"]) == (True, None, None)
    assert facts["span_ms"] > 0


def test_driver_that_ran_the_tasks_of_a_cluster_of_one_node_is_what_was_allocated(event_logs: Path, tmp_path: Path) -> None:
    """Databricks' single-node clusters: a cluster by their properties, in local mode by what they do."""
    log = without(event_logs, tmp_path / "app-1")
    log.write_bytes(re.sub(rb'"Executor ID":"\d+"', b'"Executor ID":"driver"', log.read_bytes()))
    store, identities = imported(tmp_path / "data", log)
    with store:
        (identity,) = identities.values()
        facts = application_facts(store, identity.app_id, identity.attempt_id)
        application = analyse(store, identity.app_id, identity.attempt_id).profile.application

    assert (facts["executors_added"], facts["core_utilisation"]) == (0, None)
    assert application.allocated_core_ms == application.wall_ms
