"""What the checks of a configuration say holds for the Spark and the platform that they say it of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.rules.base import Application, Finding, Thresholds
from analyzer.rules.configuration.settings_that_do_not_work import RULE, evaluate

LONG_QUERY = {"duration_ms": 3_600_000, "sql_execution_id": 0}


def application(conf: dict[str, str], *, platform: str = "k8s", version: str = "3.5.3", streaming: bool = False) -> Application:
    bare = Application("a", "", "n", version, 600_000, True, 1, 1, conf, platform=platform)
    return replace(bare, streaming=streaming)


def findings(a: Application) -> dict[str, Finding]:
    return {f.subject: f for f in evaluate(a, [LONG_QUERY], Thresholds(RULE.thresholds))}


def faults(a: Application) -> set[str]:
    """Keys that are blamed."""
    return {e.name for f in findings(a).values() for e in f.evidence}


def changes(a: Application) -> dict[str, str]:
    return {key: value for f in findings(a).values() for key, value in f.change.conf.items()}


@pytest.mark.parametrize("version", ["2.4.8", "3.5.3", "4.1.0"])
def test_a_switch_that_every_release_reads_is_not_obsolete(version: str) -> None:
    assert faults(application({"spark.shuffle.unsafe.fastMergeEnabled": "false"}, version=version)) == set()


@pytest.mark.parametrize("version", ["2.4.8", "3.2.1", "4.1.0"])
def test_limits_of_an_allocation_that_is_off_propose_no_switch_that_keeps_the_application_from_starting(version: str) -> None:
    limits = application({"spark.dynamicAllocation.maxExecutors": "200"}, version=version)

    # Without a shuffle service or tracking the switch alone ends in a SparkException at start.
    assert faults(limits) == {"spark.dynamicAllocation.maxExecutors"}
    assert changes(limits) == {}


@pytest.mark.parametrize(
    ("version", "platform", "conf", "blamed"),
    [
        ("3.5.3", "k8s", {"spark.dynamicAllocation.enabled": "true"}, True),
        ("3.5.3", "k8s", {}, False),
        # On where nothing is set.
        ("3.4.1-amzn-0", "emr(yarn)", {}, True),
        # Before Spark 2.0 a number of executors turned dynamic allocation off.
        ("1.6.3", "yarn", {"spark.dynamicAllocation.enabled": "true"}, False),
    ],
)
def test_a_number_of_executors_is_only_the_first_under_dynamic_allocation(
    version: str, platform: str, conf: dict[str, str], blamed: bool
) -> None:
    numbered = application({"spark.executor.instances": "9", **conf}, platform=platform, version=version)

    assert ("spark.executor.instances" in faults(numbered)) is blamed


@pytest.mark.parametrize(
    ("conf", "platform", "blamed"),
    [
        ({}, "k8s", True),
        # Both decide at run time, apart from the static threshold.
        ({"spark.sql.adaptive.autoBroadcastJoinThreshold": "20m"}, "k8s", False),
        ({}, "databricks", False),
    ],
)
def test_a_threshold_below_zero_keeps_joins_from_broadcasts_only_where_nothing_else_decides(
    conf: dict[str, str], platform: str, blamed: bool
) -> None:
    off = application({"spark.sql.autoBroadcastJoinThreshold": "-1", **conf}, platform=platform)

    assert ("spark.sql.autoBroadcastJoinThreshold" in faults(off)) is blamed


def test_the_reader_of_hive_tables_is_left_to_tables_of_hudi() -> None:
    off = {"spark.sql.hive.convertMetastoreParquet": "false"}
    hudi = {**off, "spark.sql.extensions": "org.apache.spark.sql.hudi.HoodieSparkSessionExtension"}

    # Spark's own reader sees every version of a file that Hudi keeps.
    assert faults(application(hudi)) == set()
    assert faults(application(off)) == {"spark.sql.hive.convertMetastoreParquet"}
    assert changes(application(off)) == {}


def test_a_number_of_partitions_is_not_passed_off_as_a_size() -> None:
    key = "spark.sql.adaptive.coalescePartitions.minPartitionNum"
    told = findings(application({key: "40"}))["obsolete"]

    assert "it is `" not in str(told.evidence[0].value)
    assert "still" in str(told.evidence[0].value)


def test_partitions_of_a_stream_are_not_those_that_adaptive_execution_begins_with() -> None:
    conf = {"spark.sql.shuffle.partitions": "64", "spark.sql.adaptive.coalescePartitions.initialPartitionNum": "400"}

    assert "spark.sql.shuffle.partitions" in faults(application(conf))
    assert "spark.sql.shuffle.partitions" not in faults(application(conf, streaming=True))


def test_adaptive_settings_of_a_spark_without_them_are_not_blamed_on_a_switch() -> None:
    assert changes(application({"spark.sql.adaptive.skewJoin.enabled": "true"}, version="2.4.8")) == {}


def test_overhead_matters_where_executors_have_a_container() -> None:
    little = {"spark.executor.memoryOverhead": "200m"}

    assert faults(application(little)) == {"spark.executor.memoryOverhead"}
    assert faults(application(little, platform="standalone")) == set()
    assert faults(application({**little, "spark.executor.minMemoryOverhead": "128m"}, version="4.0.0")) == set()


def test_executors_of_no_core_are_no_fault_of_a_rule() -> None:
    assert faults(application({"spark.cores.max": "10", "spark.executor.cores": "0"}, platform="standalone")) == set()
