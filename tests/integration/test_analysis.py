"""Analyses of real event logs: what they find, and that a second one replaces the first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from analyzer import pipeline
from analyzer.analysis import ApplicationAnalysis
from analyzer.pipeline import analyse
from analyzer.profiles.application import ApplicationNotFound
from analyzer.rules.registry import all_rules
from analyzer.timeline.parts import PARTS
from analyzer.timeline.reading import history_of
from analyzer.timeline.waterfall import waterfall
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
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_2_eventlog.zstd": (
        "application_1724877841851_0016",
        "2",
    ),
    "NVIDIA__spark-rapids-tools/spark-events-profiling/malformed_json_eventlog.zstd": ("application_1603128018386_7759", ""),
    "NVIDIA__spark-rapids-tools/spark-events-qualification/eventlog_v2_local-1623876083964": ("local-1623876083964", ""),
    "NVIDIA__spark-rapids/sqlparse_failure.gz": ("local-1668476146177", ""),
    "apache__spark/spark-events/local-1422981780767": ("local-1422981780767", ""),
    "apache__spark/sql-spark-events/local-1596020211915": ("local-1596020211915", ""),
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_1.zstd": ("application_1713000000000_0001", "1"),
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_2.zstd": ("application_1713000000000_0001", "2"),
    "linkedin__dr-elephant/history/event_log_230": ("application_1529395513867_0002", ""),
}
TAXI = ("spark-cc4d115f011443d787f03a71a476a745", "")
# What is true of these runs, judged by hand.
FINDINGS = {
    "app-20200706201101-0003": {"PRV001"},  # a shell left open: 16 cores, 55 of 5,775 core-seconds used
    "application_1628109047826_1317105": set(),  # dynamic allocation over less than five minutes
    "application_1724877841851_0016": {"SKW001"},  # six of thirty splits hold the row groups
    "application_1603128018386_7846": {"EXE001"},  # two of eight executors gone without a word; only seconds of lost work
    # Workers that fell silent over collections of half the run time, eight lost tasks, six-minute tasks.
    "app-20150427150733-0000": {"EXE001", "FLT001", "MEM002", "SPT001"},
    # A repartition into two: tasks of over four minutes on half of the cores. One scan, one count and one preview are no repeated read.
    # `fs.s3a.input.fadvise`, which it sets, is no key of S3A.
    "spark-cc4d115f011443d787f03a71a476a745": {"CNF001", "PAR001", "SPT001"},
    "application_1664788134226_0048": set(),  # start-up stragglers of 44 times the median
    "application_1678162862227_0001": set(),  # cached reads, 50 seconds
    "application_1603128018386_7759": set(),  # two minutes, mostly start-up
    "local-1623876083964": set(),  # 88 % of the cores busy, all of it computing
    "local-1668476146177": set(),  # nine seconds
    "local-1422981780767": set(),  # nine seconds, a failed job of one task
    "local-1596020211915": set(),  # a streaming query of fifteen seconds
    "application_1713000000000_0001": set(),  # seconds, with twelve failed tasks an attempt
    "application_1529395513867_0002": set(),  # half a minute on two cores
}
ALL_FINDINGS = "SELECT rule_code, fingerprint FROM current_findings WHERE app_id = {app_id:String} ORDER BY rule_code"


@pytest.fixture(scope="module")
def store(event_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(str(tmp_path_factory.mktemp("analysis"))) as opened:
        writer = Writer(opened)
        import_paths([event_logs / name for name in LOGS], writer, StoreCatalog(opened))
        writer.close()
        yield opened


@pytest.fixture(scope="module")
def analyses(store: Store) -> Callable[[tuple[str, str]], ApplicationAnalysis]:
    return cache(lambda key: analyse(store, *key))


def analysis_id(key: tuple[str, str]) -> str:
    return "-".join(filter(None, key))


@pytest.mark.parametrize("key", LOGS.values(), ids=analysis_id)
def test_findings_of_a_real_log_are_the_true_ones(analyses: Callable[[tuple[str, str]], ApplicationAnalysis], key: tuple[str, str]) -> None:
    analysis = analyses(key)

    assert {p.finding.rule_code for p in analysis.findings} == FINDINGS[key[0]]
    assert analysis.rule_errors == {}


@pytest.mark.parametrize("key", LOGS.values(), ids=analysis_id)
def test_claims_of_a_real_log_stay_within_what_was_wasted(
    analyses: Callable[[tuple[str, str]], ApplicationAnalysis], store: Store, key: tuple[str, str]
) -> None:
    analysis = analyses(key)
    application = analysis.profile.application
    claimed = {
        pool: sum(p.finding.saving.high_core_s for p in analysis.findings if p.finding.saving and p.rule.pool == pool)
        for pool in ("idle", "busy", "memory", "none")
    }
    history = history_of(store, analysis.profile.header, analysis.profile.executors)
    divided = waterfall(history)
    idle = sum(divided.parts[part.name] for part in PARTS if part.kind == "slot_idle")

    assert sum(divided.parts.values()) == divided.allocated_core_ms == application.allocated_core_ms
    assert claimed["idle"] <= idle / 1000
    assert claimed["busy"] <= (divided.allocated_core_ms - idle) / 1000
    assert claimed["memory"] == claimed["none"] == 0
    assert sum(p.saving_high_usd or 0 for p in analysis.findings) <= analysis.profile.cost.usd


def test_a_fixed_number_of_partitions_is_not_answered_with_a_setting(
    analyses: Callable[[tuple[str, str]], ApplicationAnalysis],
) -> None:
    (found,) = [p.finding for p in analyses(TAXI).findings if p.finding.rule_code == "PAR001"]

    assert found.change.conf == {}
    assert found.saving is not None
    # Two of four cores idle for the 286.963 s of the longer task.
    assert found.saving.high_core_s == pytest.approx(573.9, abs=0.1)


def test_tasks_that_succeeded_after_their_worker_was_given_up_are_not_lost(
    analyses: Callable[[tuple[str, str]], ApplicationAnalysis],
) -> None:
    found = {p.finding.subject: p.finding for p in analyses(("app-20150427150733-0000", "")).findings}
    lost = {evidence.name: evidence.value for evidence in found["executors, worker silent"].evidence}
    failed = {evidence.name: evidence.value for evidence in found["ExecutorLostFailure"].evidence}

    assert lost["executors_lost"] == 7
    assert (lost["tasks_lost"], failed["tasks"]) == (4, 8)  # another executor had the other four
    assert failed["lost"] == 480.658


def test_a_second_analysis_replaces_the_first(store: Store) -> None:
    analyse(store, *TAXI)
    first = store.rows(ALL_FINDINGS, {"app_id": TAXI[0]})
    analyse(store, *TAXI)

    assert store.rows(ALL_FINDINGS, {"app_id": TAXI[0]}) == first
    assert {row["rule_code"] for row in first} == FINDINGS[TAXI[0]]
    assert store.rows("SELECT count() AS n FROM application_profiles FINAL WHERE app_id = {app_id:String}", {"app_id": TAXI[0]}) == [
        {"n": 1}
    ]


def test_findings_that_an_analysis_no_longer_finds_are_not_shown(store: Store) -> None:
    analyse(store, *TAXI)
    analyse(store, *TAXI, thresholds={"SPT001": {"min_long_share": 1.0}})

    assert [row["rule_code"] for row in store.rows(ALL_FINDINGS, {"app_id": TAXI[0]})] == ["CNF001", "PAR001"]


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
    assert {p.finding.rule_code for p in analysis.findings} == FINDINGS[TAXI[0]]
    stored = store.rows("SELECT rule_errors FROM application_profiles FINAL WHERE app_id = {app_id:String}", {"app_id": TAXI[0]})
    assert stored == [{"rule_errors": {"PRV001": "RuntimeError: no such thing"}}]


def test_an_application_that_the_store_does_not_hold_is_refused(store: Store) -> None:
    with pytest.raises(ApplicationNotFound, match="application_0_0"):
        analyse(store, "application_0_0", "")


@pytest.mark.parametrize("wrong", [{"XXX999": {}}, {"SPT001": {"min_share": 1.0}}])
def test_overrides_of_what_does_not_exist_are_refused(store: Store, wrong: dict[str, dict[str, float]]) -> None:
    with pytest.raises(KeyError, match="expected one of"):
        analyse(store, *TAXI, thresholds=wrong)
