"""Splitting and reading SQL."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.storage import load_sql
from collector.storage.sql_text import split_statements


@pytest.mark.parametrize(
    ("script", "statements"),
    [
        ("", []),
        (" ;; \n;", []),
        ("SELECT 1", ["SELECT 1"]),
        ("SELECT 1; SELECT 2;", ["SELECT 1", "SELECT 2"]),
        ("SELECT ';'; SELECT 2", ["SELECT ';'", "SELECT 2"]),
        ("SELECT 'it''s; \\'; fine'; SELECT 2", ["SELECT 'it''s; \\'; fine'", "SELECT 2"]),
        ('SELECT "a;b", `c;d`; SELECT 2', ['SELECT "a;b", `c;d`', "SELECT 2"]),
        ("-- one; two\nSELECT 1; -- three; four\nSELECT 2", ["-- one; two\nSELECT 1", "-- three; four\nSELECT 2"]),
        ("/* a; b */ SELECT 1; /* only; words */", ["/* a; b */ SELECT 1"]),
        ("-- it's\nSELECT 1; SELECT 2", ["-- it's\nSELECT 1", "SELECT 2"]),
        ("SELECT '-- no comment'; SELECT 2", ["SELECT '-- no comment'", "SELECT 2"]),
        ("SELECT 1 -- trailing", ["SELECT 1 -- trailing"]),
    ],
)
def test_semicolons_split_only_outside_quotes_and_comments(script: str, statements: list[str]) -> None:
    assert split_statements(script) == statements


_QUOTED = st.sampled_from(["'", '"', "`"]).flatmap(
    lambda quote: st.text(st.characters(codec="ascii", exclude_characters="'\"`\\"), max_size=20).map(
        lambda text: f"SELECT {quote}{text}{quote}"
    )
)


@given(st.lists(_QUOTED, max_size=8))
def test_what_is_joined_splits_again(statements: list[str]) -> None:
    assert split_statements(";\n".join(statements)) == statements


@pytest.mark.parametrize("name", ["stages", "stages.sql"])
def test_a_file_beside_a_module_is_read_by_its_name(tmp_path: Path, name: str) -> None:
    (tmp_path / "stages.sql").write_text("SELECT 1 -- 漢字\n", encoding="utf-8")
    assert load_sql(str(tmp_path / "module.py"), name) == "SELECT 1 -- 漢字\n"
