"""Merging the listener's properties into those that a job has."""

from __future__ import annotations

import pytest

from listener import conf
from listener.conf import LISTENER_CLASS, PLUGIN_CLASS, flags, with_entry, with_jar
from listener.errors import JarMissingError

URL = "http://collector:8428"
JAR = "s3://tools/sparkledger-listener.jar"


def test_a_job_without_properties_gets_the_least() -> None:
    assert flags(URL, jar=JAR) == {
        "spark.extraListeners": LISTENER_CLASS,
        "spark.jars": JAR,
        "spark.sparkledger.url": URL,
    }


def test_lists_grow_and_keep_what_they_hold() -> None:
    existing = {"spark.extraListeners": "org.example.First, org.example.Second", "spark.jars": "a.jar,b.jar", "spark.sql.x": "1"}
    added = flags(URL, existing, jar=JAR, team="data", pipeline="daily", token="t")
    assert added == {
        "spark.extraListeners": f"org.example.First,org.example.Second,{LISTENER_CLASS}",
        "spark.jars": f"a.jar,b.jar,{JAR}",
        "spark.sparkledger.url": URL,
        "spark.sparkledger.team": "data",
        "spark.sparkledger.pipeline": "daily",
        "spark.sparkledger.token": "t",
    }
    assert existing["spark.jars"] == "a.jar,b.jar"


def test_merging_again_changes_nothing() -> None:
    once = flags(URL, {"spark.jars": "a.jar"}, jar=JAR, team="data")
    assert flags(URL, once, jar=JAR, team="data") == once


def test_a_setting_of_the_job_is_never_overwritten() -> None:
    existing = {"spark.sparkledger.url": "https://elsewhere", "spark.sparkledger.team": "owners"}
    added = flags(URL, existing, jar=JAR, team="data")
    assert (added["spark.sparkledger.url"], added["spark.sparkledger.team"]) == ("https://elsewhere", "owners")


@pytest.mark.parametrize("entries", ["", " ", ",", " , "])
def test_an_empty_list_becomes_one_entry(entries: str) -> None:
    assert with_entry(entries, "x") == "x"


def test_our_jar_under_another_address_is_not_added_twice() -> None:
    assert with_jar("local:///opt/sparkledger-listener.jar", JAR) == "local:///opt/sparkledger-listener.jar"


def test_a_missing_jar_is_told_with_the_command_that_builds_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conf, "JAR_NAME", "absent.jar")
    with pytest.raises(JarMissingError, match=r"absent\.jar` does not exist\n\nhint: run `python -m listener\.build`"):
        flags(URL)


def test_the_plugin_joins_those_that_a_job_has() -> None:
    added = flags(URL, {"spark.plugins": "org.example.P"}, jar=JAR, plugin=True)
    assert added["spark.plugins"] == f"org.example.P,{PLUGIN_CLASS}"
    assert "spark.plugins" not in flags(URL, {"spark.plugins": "org.example.P"}, jar=JAR)
