"""Analyses of real event logs: what they find, and that a second one replaces the first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analyzer import pipeline
from analyzer.pipeline import analyse, stale_applications
from analyzer.profiles.application import ApplicationNotFound
from analyzer.rules.registry import all_rules
from collector.importing.catalog import StoreCatalog
from collector.importing.run import import_paths
from collector.storage import Store, open_store
from collector.storage.writer import Writer

LOGS = {
    "apache__spark/spark-events/app-20200706201101-0003": ("app-20200706201101-0003", ""),
    "apache__spark/spark-events/application_1628109047826_1317105": ("application_1628109047826_1317105", ""),
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_1_eventlog.zstd": (
        "application_1724877841851_0016",
        "1",
    ),
    "NVIDIA__spark-rapids-tools/spark-events-profiling/tasks_executors_fail_compressed_eventlog.zstd": (
        "application_1603128018386_7846",
        "",
    ),
    "DistributedSystemsGroup__SparkEvents/app-20150427150733-0000.inprogress": ("app-20150427150733-0000", ""),
    "kubeflow__mcp-apache-spark-history-server/basic/events/eventlog_v2_spark-cc4d115f011443d787f03a71a476a745": (
        "spark-cc4d115f011443d787f03a71a476a745",
        "",
    ),
    "mgarralda__garralda-performance-model/small/small_executor3_cores3_memory3g_shuffle200/application_1664788134226_0048_correlation": (
        "application_1664788134226_0048",
        "",
    ),
    "synccomputingcode__syncsparkpy/application_1678162862227_0001": ("application_1678162862227_0001", ""),
}
TAXI = ("spark-cc4d115f011443d787f03a71a476a745", "")
# What is true of these runs, judged by hand.
FINDINGS = {
    "app-20200706201101-0003": {"PRV001"},  # a shell left open: 16 cores, 55 of 5,775 core-seconds used
    "application_1628109047826_1317105": set(),  # dynamic allocation over less than five minutes
    "application_1724877841851_0016": {"SKW001"},  # six of thirty splits hold the row groups
    "application_1603128018386_7846": set(),  # lost executors, but seconds of lost work
    "app-20150427150733-0000": {"FLT001", "MEM002", "SPT001"},  # lost workers, half of the run time collected, six-minute tasks
    "spark-cc4d115f011443d787f03a71a476a745": {"SPT001"},  # half of the task time is in two tasks of over four minutes
    "application_1664788134226_0048": set(),  # start-up stragglers of 44 times the median
    "application_1678162862227_0001": set(),  # cached reads, 50 seconds
}
ALL_FINDINGS = "SELECT rule_code, fingerprint FROM current_findings WHERE app_id = {app_id:String} ORDER BY rule_code"


@pytest.fixture(scope="module")
def store(event_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(str(tmp_path_factory.mktemp("analysis"))) as opened:
        writer = Writer(opened)
        import_paths([event_logs / name for name in LOGS], writer, StoreCatalog(opened))
        writer.close()
        yield opened


@pytest.mark.parametrize("key", LOGS.values(), ids=lambda key: key[0])
def test_findings_of_a_real_log_are_the_true_ones(store: Store, key: tuple[str, str]) -> None:
    analysis = analyse(store, *key)

    assert {p.finding.rule_code for p in analysis.findings} == FINDINGS[key[0]]
    assert analysis.rule_errors == {}


@pytest.mark.parametrize("key", LOGS.values(), ids=lambda key: key[0])
def test_claims_of_a_real_log_stay_within_its_cost(store: Store, key: tuple[str, str]) -> None:
    analysis = analyse(store, *key)
    savings = [p.finding.saving for p in analysis.findings if p.finding.saving]

    assert sum(s.high_core_s for s in savings) <= analysis.profile.application.allocated_core_ms / 1000
    assert sum(p.saving_high_usd or 0 for p in analysis.findings) <= analysis.profile.cost.usd


def test_an_analysis_is_no_longer_stale_and_a_second_one_replaces_it(store: Store) -> None:
    analyse(store, *TAXI)
    first = store.rows(ALL_FINDINGS, {"app_id": TAXI[0]})
    analyse(store, *TAXI)

    assert store.rows(ALL_FINDINGS, {"app_id": TAXI[0]}) == first
    assert len(first) == 1
    assert TAXI not in stale_applications(store)
    assert store.rows("SELECT count() AS n FROM application_profiles FINAL WHERE app_id = {app_id:String}", {"app_id": TAXI[0]}) == [
        {"n": 1}
    ]


def test_findings_that_an_analysis_no_longer_finds_are_not_shown(store: Store) -> None:
    analyse(store, *TAXI)
    analyse(store, *TAXI, thresholds={"SPT001": {"min_long_share": 1.0}})

    assert store.rows(ALL_FINDINGS, {"app_id": TAXI[0]}) == []


def test_stage_profiles_hold_exact_quantiles(store: Store) -> None:
    analyse(store, *TAXI)
    rows = store.rows(
        "SELECT tasks_succeeded, duration_ms, duration_ms_quantiles, sql_execution_id FROM stage_profiles FINAL "
        "WHERE app_id = {app_id:String} AND stage_id = 7",
        {"app_id": TAXI[0]},
    )

    assert rows == [
        {
            "tasks_succeeded": 2,
            "duration_ms": 530236,
            "duration_ms_quantiles": [243273, 243273, 243273, 286963, 286963, 286963, 286963, 286963],
            "sql_execution_id": 2,
        }
    ]


def test_a_failing_rule_is_recorded_and_stops_no_other(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("no such thing")

    rules = tuple(replace(r, evaluate=broken) if r.code == "PRV001" else r for r in all_rules())
    monkeypatch.setattr(pipeline, "all_rules", lambda: rules)

    analysis = analyse(store, *TAXI)

    assert analysis.rule_errors == {"PRV001": "RuntimeError: no such thing"}
    assert [p.finding.rule_code for p in analysis.findings] == ["SPT001"]
    stored = store.rows("SELECT rule_errors FROM application_profiles FINAL WHERE app_id = {app_id:String}", {"app_id": TAXI[0]})
    assert stored == [{"rule_errors": {"PRV001": "RuntimeError: no such thing"}}]


def test_an_application_that_the_store_does_not_hold_is_refused(store: Store) -> None:
    with pytest.raises(ApplicationNotFound, match="application_0_0"):
        analyse(store, "application_0_0", "")


@pytest.mark.parametrize("wrong", [{"XXX999": {}}, {"SPT001": {"min_share": 1.0}}])
def test_overrides_of_what_does_not_exist_are_refused(store: Store, wrong: dict[str, dict[str, float]]) -> None:
    with pytest.raises(KeyError, match="expected one of"):
        analyse(store, *TAXI, thresholds=wrong)
