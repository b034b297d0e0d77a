"""What `doctor` says of the properties of a job that has the plugin, and of a token that lies in a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from listener.conf import JAR_NAME, LISTENER_CLASS, PLUGIN_CLASS, PLUGIN_SETTINGS
from sparkledger.cli.doctor import _token_in
from sparkledger.cli.doctor_checks.job import job

REPOSITORY = Path(__file__).resolve().parents[3]
JOB = {"spark.jars": f"s3://bucket/{JAR_NAME}", "spark.sparkledger.url": "http://collector:8428"}


def wanting(conf: dict[str, str]) -> set[str]:
    """The checks of what is needed and lacks."""
    return {check.name for check in job({**JOB, **conf}) if check.needed and not check.good}


def test_a_job_with_the_plugin_needs_no_listener() -> None:
    assert wanting({}) == {"spark.extraListeners"}
    assert wanting({"spark.plugins": PLUGIN_CLASS}) == set()
    assert wanting({"spark.plugins": PLUGIN_CLASS, "spark.extraListeners": "com.example.Audit"}) == set()
    assert wanting({"spark.plugins": "com.example.Plugin"}) == {"spark.extraListeners"}


def test_a_class_with_a_slip_in_its_name_keeps_spark_from_starting_in_either_list() -> None:
    assert wanting({"spark.plugins": "io.sparkledger.SparkLedgerPlugin", "spark.extraListeners": LISTENER_CLASS}) == {"spark.plugins"}
    assert wanting({"spark.plugins": PLUGIN_CLASS, "spark.extraListeners": "io.sparkledger.SparkLedgerListener"}) == {
        "spark.extraListeners"
    }


@pytest.mark.parametrize("name", PLUGIN_SETTINGS)
def test_settings_of_the_plugin_are_known(name: str) -> None:
    assert wanting({"spark.plugins": PLUGIN_CLASS, f"spark.sparkledger.{name}": "off"}) == set()
    assert wanting({"spark.plugins": PLUGIN_CLASS, f"spark.sparkledger.{name}x": "off"}) == {"settings"}


def test_the_settings_of_the_plugin_are_those_of_its_guide() -> None:
    guide = (REPOSITORY / "docs" / "guides" / "plugin.md").read_text()
    table = guide[guide.index("## Settings") : guide.index("## What is collected")]
    assert [f"plugin.{name}" for name in re.findall(r"^\| `([a-z.]+)`", table, re.MULTILINE)] == list(PLUGIN_SETTINGS)


def test_a_token_is_read_from_its_file_where_that_is_here(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("hunter2\n")
    assert _token_in(str(tmp_path / "token")) == "hunter2"
    assert _token_in(str(tmp_path / "elsewhere")) is None
    assert _token_in("") is None
