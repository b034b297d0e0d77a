"""Teams and pipelines of applications."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.ownership import TeamRule, owner_of, pipeline_name


@pytest.mark.parametrize(
    ("conf", "user", "team"),
    [
        ({"spark.sparkledger.team": "growth", "spark.yarn.queue": "etl"}, "ana", "growth"),
        ({"spark.yarn.queue": "etl"}, "ana", "etl"),
        ({"spark.yarn.queue": "default", "spark.kubernetes.namespace": "spark-team-a"}, "ana", "spark-team-a"),
        ({"spark.yarn.queue": "default"}, "ana", "ana"),
        ({}, "hadoop", "unowned"),
        ({}, "", "unowned"),
    ],
)
def test_the_first_statement_of_a_team_counts(conf: dict[str, str], user: str, team: str) -> None:
    assert owner_of(conf, "name", user).team == team


def test_a_mapping_goes_before_the_queue_and_after_the_statement_of_the_job() -> None:
    mapping = [TeamRule("name", "^orders", "sales")]

    assert owner_of({"spark.yarn.queue": "etl"}, "orders-daily", "ana", mapping).team == "sales"
    assert owner_of({"spark.sparkledger.team": "growth"}, "orders-daily", "ana", mapping).team == "growth"
    assert owner_of({"spark.yarn.queue": "etl"}, "users-daily", "ana", mapping).team == "etl"


@pytest.mark.parametrize(
    ("first", "second", "pipeline"),
    [
        ("NewYorkTaxiData_2025_06_27_03_56_52", "NewYorkTaxiData_2025_06_28_04_01_09", "NewYorkTaxiData"),
        ("orders-2026-11-20", "orders-2026-11-21", "orders"),
        ("orders 2026-11-20T04:15:00Z", "orders 2026-11-21T04:15:03Z", "orders"),
        ("load 20261120 users", "load 20261121 users", "load users"),
        ("etl-3f2504e0-4f89-11d3-9a0c-0305e82c3301", "etl-9b2504e0-4f89-11d3-9a0c-0305e82c33ff", "etl"),
        ("job_run_7", "job_run_12", "job"),
        ("scheduled__1795400000", "scheduled__1795486400", "scheduled"),
    ],
)
def test_runs_of_one_workload_share_a_pipeline(first: str, second: str, pipeline: str) -> None:
    assert pipeline_name(first) == pipeline_name(second) == pipeline


@pytest.mark.parametrize(
    "name", ["index_data_etl_1GB", "spark3-migration", "q64", "Correlations with Params(hdfs://172.18.0.20:9000/in,pearson)"]
)
def test_names_without_variable_parts_stay(name: str) -> None:
    assert pipeline_name(name) == name


def test_a_name_of_nothing_but_a_date_stays() -> None:
    assert pipeline_name("2026-11-20") == "2026-11-20"


@given(st.text(max_size=80))
def test_every_name_has_a_pipeline(name: str) -> None:
    assert pipeline_name(name)


def test_a_stated_pipeline_is_taken_as_it_is() -> None:
    owner = owner_of({"spark.sparkledger.pipeline": "orders-2026"}, "x", "ana")

    assert (owner.pipeline, owner.pipeline_source) == ("orders-2026", "spark.sparkledger.pipeline")
