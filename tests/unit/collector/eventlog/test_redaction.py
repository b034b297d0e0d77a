"""Properties leave a log by the same rules by which they leave a driver."""

from __future__ import annotations

from importlib.resources import files

import pytest

from collector.eventlog.redaction import REDACTED, AllowList, clean_text, kept_properties
from tests.conftest import REPOSITORY

_LISTENER = REPOSITORY / "listener" / "jvm" / "src" / "main" / "resources" / "io" / "sparkledger"


@pytest.mark.parametrize("name", ["spark-properties.allow", "redaction.regex", "text-redaction.regex"])
def test_rules_are_the_listeners(name: str) -> None:
    assert files("collector.eventlog").joinpath(name).read_bytes() == (_LISTENER / name).read_bytes()


def test_refusals_win_over_allowances() -> None:
    rules = AllowList("# comment\n\n!a.b.secret*\na.b.*\nc\n!a.b.x\n")
    assert [key for key in ("a.b.y", "a.b.x", "a.b.secretly", "a.c", "c", "c.d") if key in rules] == ["a.b.y", "c"]


def test_unknown_properties_are_left_out() -> None:
    assert kept_properties({"spark.app.name": "n", "spark.yarn.keytab": "/k", "sun.java.command": "x"}) == {"spark.app.name": "n"}


def test_a_password_in_an_address_is_hidden_and_the_address_stays() -> None:
    kept = kept_properties({"spark.sql.sources.url": "jdbc:postgresql://user:pw@host/db"})
    assert kept == {"spark.sql.sources.url": f"jdbc:postgresql://user:{REDACTED}@host/db"}


def test_secrets_are_hidden_by_key_and_by_value() -> None:
    kept = kept_properties({"spark.executor.myToken": "abc", "spark.app.name": "run --password=abc", "spark.task.cpus": "2"})
    assert kept == {"spark.executor.myToken": REDACTED, "spark.app.name": REDACTED, "spark.task.cpus": "2"}


TEXTS = [
    ("first attempt fails: token=hunter2", f"first attempt fails: token={REDACTED}"),
    ('{"db_password": "x y", "n": 1}', f'{{"db_password": "{REDACTED}", "n": 1}}'),
    ("WITH (password = 'correct, horse; b', n = 'x')", f"WITH (password = '{REDACTED}', n = 'x')"),
    (r"says {\"token\": \"a b\"}", rf'says {{\"token\": \"{REDACTED}"}}'),
    ("token='' and a='b c'", "token='' and a='b c'"),
    ("api_key=abc pwd=abc; passwd: abc private-key=abc", f"api_key={REDACTED} pwd={REDACTED}; passwd: {REDACTED} private-key={REDACTED}"),
    ("f(secret.name = abc)", f"f(secret.name = {REDACTED})"),
    ("jdbc:postgresql://user:pw@host/db", f"jdbc:postgresql://user:{REDACTED}@host/db"),
    ("Authorization: Bearer abcdefghijklmnopqrstuvwxyz", f"Authorization: Bearer {REDACTED}"),
    ("key AKIAABCDEFGHIJKLMNOP refused", f"key {REDACTED} refused"),
    ("isnotnull(token#5) AND count(password)", "isnotnull(token#5) AND count(password)"),
    ("ReadSchema: struct<id:int,name:string>", "ReadSchema: struct<id:int,name:string>"),
]


@pytest.mark.parametrize(("text", "hidden"), TEXTS)
def test_secrets_in_texts_are_hidden_and_the_rest_stays(text: str, hidden: str) -> None:
    assert clean_text(text, 2000) == hidden
    assert clean_text(hidden, 2000) == hidden


@pytest.mark.parametrize("limit", range(5, 60))
def test_a_text_that_was_cut_is_not_changed_again(limit: int) -> None:
    once = clean_text("says: password = 'hunter2', then token:abc://u:p@h", limit)
    assert clean_text(once, limit) == once


def test_a_long_text_is_read_once() -> None:
    assert clean_text("token" * 400_000, 10) == "tokentoken"


def test_what_lies_far_behind_what_is_kept_is_not_looked_at() -> None:
    assert clean_text("x password=" + "y" * 200_000 + " z", 2000) == f"x password={REDACTED}"
    assert clean_text("w " * 200_000 + "password=abc", 2000) == ("w " * 1000)
