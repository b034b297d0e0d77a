"""Properties leave a log by the same rules by which they leave a driver."""

from __future__ import annotations

from importlib.resources import files

import pytest

from collector.eventlog.redaction import REDACTED, AllowList, kept_properties
from tests.conftest import REPOSITORY

_LISTENER = REPOSITORY / "listener" / "jvm" / "src" / "main" / "resources" / "io" / "sparkledger"


@pytest.mark.parametrize("name", ["spark-properties.allow", "redaction.regex"])
def test_rules_are_the_listeners(name: str) -> None:
    assert files("collector.eventlog").joinpath(name).read_bytes() == (_LISTENER / name).read_bytes()


def test_refusals_win_over_allowances() -> None:
    rules = AllowList("# comment\n\n!a.b.secret*\na.b.*\nc\n!a.b.x\n")
    assert [key for key in ("a.b.y", "a.b.x", "a.b.secretly", "a.c", "c", "c.d") if key in rules] == ["a.b.y", "c"]


def test_unknown_properties_are_left_out() -> None:
    assert kept_properties({"spark.app.name": "n", "spark.yarn.keytab": "/k", "sun.java.command": "x"}) == {"spark.app.name": "n"}


def test_secrets_are_hidden_by_key_and_by_value() -> None:
    kept = kept_properties({"spark.executor.myToken": "abc", "spark.app.name": "run --password=abc", "spark.task.cpus": "2"})
    assert kept == {"spark.executor.myToken": REDACTED, "spark.app.name": REDACTED, "spark.task.cpus": "2"}
