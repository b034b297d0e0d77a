"""What is on where nothing is set differs by platform and release."""

from __future__ import annotations

import pytest

from analyzer.rules.base import Application


def application(platform: str, spark_version: str, **conf: str) -> Application:
    return Application(
        app_id="application_1_1",
        attempt_id="",
        name="job",
        spark_version=spark_version,
        wall_ms=1,
        ended=True,
        allocated_core_ms=1,
        busy_core_ms=1,
        conf={key.replace("_", "."): value for key, value in conf.items()},
        platform=platform,
    )


@pytest.mark.parametrize(
    ("platform", "version", "adaptive"),
    [
        ("yarn", "3.1.3", False),
        ("yarn", "3.2.0", True),
        ("emr(yarn)", "3.0.1-amzn-0", True),
        ("emr(k8s)", "3.1.2-amzn-1", True),
        ("emr(yarn)", "2.4.8-amzn-2", False),
        ("databricks", "3.0.1", True),
    ],
)
def test_adaptive_execution_is_on_earlier_where_the_platform_turns_it_on(platform: str, version: str, adaptive: bool) -> None:
    assert application(platform, version).adaptive is adaptive
    assert not application(platform, version, spark_sql_adaptive_enabled="false").adaptive
