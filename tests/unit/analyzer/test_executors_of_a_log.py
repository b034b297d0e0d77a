"""Where an application ran and on which executors, from what odd and old logs say of them."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.profiles.application import DRIVER, Header, executors_of
from analyzer.profiles.platform import platform_of

START_MS, END_MS = 1_000_000, 1_060_000


def header(**conf: str) -> Header:
    settings = {key.replace("_", "."): value for key, value in conf.items()}
    return Header(
        app_id="local-1",
        attempt_id="",
        name="job",
        user="",
        spark_version="3.5.1",
        platform=platform_of(settings, "3.5.1", "local-1"),
        conf=settings,
        started_ms=START_MS,
        ended_ms=END_MS,
        exit_code=None,
        first_seen_ms=START_MS,
        last_seen_ms=END_MS,
    )


def row(executor_id: str, *, cores: int = 0, added_ms: int | None = None, busy_ms: int = 0) -> dict[str, Any]:
    """A row of `executors.sql`; tasks, if any, ran in the first ten seconds."""
    return {
        "executor_id": executor_id,
        "removed_reason": "",
        "total_cores": cores,
        "added_ms": added_ms,
        "removed_ms": None,
        "task_ends": 4 if busy_ms else 0,
        "busy_ms": busy_ms,
        "first_launch_ms": START_MS if busy_ms else 0,
        "last_finish_ms": START_MS + 10_000 if busy_ms else 0,
    }


def test_executors_that_were_announced_count_whatever_the_master_says() -> None:
    rows = [row(DRIVER, cores=8, added_ms=START_MS), row("0", cores=4, added_ms=START_MS + 100, busy_ms=5_000)]
    (executor,) = executors_of(header(spark_master="local[*]"), rows)
    assert (executor.executor_id, executor.cores, executor.added) == ("0", 4, True)


@pytest.mark.parametrize("name", [DRIVER, "<driver>", "localhost"])
@pytest.mark.parametrize(("master", "cores", "known"), [("local[*]", 3, False), ("local[8]", 8, True), ("local", 1, True)])
def test_cores_of_local_mode_that_no_event_tells(name: str, master: str, cores: int, known: bool) -> None:
    (executor,) = executors_of(header(spark_master=master), [row(name, busy_ms=28_000)])
    assert (executor.executor_id, executor.cores, executor.cores_known) == (DRIVER, cores, known)


def test_local_mode_that_ran_no_task_has_one_core() -> None:
    (executor,) = executors_of(header(spark_master="local[*]"), [])
    assert (executor.executor_id, executor.cores) == (DRIVER, 1)


@pytest.mark.parametrize(
    ("conf", "version", "expected"),
    [
        ({"spark.databricks.delta.retentionDurationCheck.enabled": "false", "spark.master": "yarn"}, "3.5.1-amzn-1", "emr(yarn)"),
        ({"spark.databricks.delta.schema.autoMerge.enabled": "true", "spark.master": "k8s://https://h:443"}, "3.5.3", "k8s"),
        ({"spark.databricks.delta.preview.enabled": "true", "spark.databricks.clusterUsageTags.clusterId": "c"}, "3.3.2", "databricks"),
    ],
)
def test_delta_lake_is_no_sign_of_databricks(conf: dict[str, str], version: str, expected: str) -> None:
    assert platform_of(conf, version, "application_1_1") == expected
