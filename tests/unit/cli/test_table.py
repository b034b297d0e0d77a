"""Tables at the widths that terminals have."""

from __future__ import annotations

import pytest
from rich.console import Console

from sparkledger.cli.table import Column, fitted, plain

COLUMNS = [
    Column("application", keep=True),
    Column("name", drop=1),
    Column("started", drop=2, keep=True),
    Column("cost", "right", keep=True),
    Column("why", wrap=True),
]
WORDY = "so many words that they take more than one line here"
ROWS = [
    (
        "application_1795400000000_0042",
        "a_pipeline_with_a_long_name",
        "2026-11-21 14:02",
        "$1,240",
        "so many words that they take more than one line here",
    ),
    ("local-1", "short", "2026-11-20 01:00", "$0.01", "few"),
]


def drawn(width: int) -> list[str]:
    console = Console(width=width, force_terminal=False, no_color=True)
    with console.capture() as captured:
        console.print(fitted(COLUMNS, ROWS, width))
    return [line.rstrip() for line in captured.get().splitlines()]


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_a_table_is_never_wider_than_the_terminal(width: int) -> None:
    assert max(map(len, drawn(width))) <= width


@pytest.mark.parametrize("width", [80, 100, 140])
def test_ids_and_numbers_are_never_cut(width: int) -> None:
    text = "\n".join(drawn(width))
    assert "application_1795400000000_0042" in text
    assert "$1,240" in text


def test_a_narrow_terminal_loses_the_least_important_column_first() -> None:
    assert "started" not in drawn(100)[0]
    assert "name" in drawn(110)[0]
    assert "name" not in drawn(80)[0]


def test_a_wide_terminal_cuts_nothing() -> None:
    text = "\n".join(drawn(200))
    assert "a_pipeline_with_a_long_name" in text
    assert WORDY in text


def test_numbers_end_below_each_other() -> None:
    _, _, first, second = drawn(200)
    assert first.index("$1,240") + len("$1,240") == second.index("$0.01") + len("$0.01")


def test_the_plain_table_has_every_column() -> None:
    console = Console(width=1000, force_terminal=False)
    with console.capture() as captured:
        console.print(plain(COLUMNS, ROWS))
    assert captured.get().split()[:5] == ["application", "name", "started", "cost", "why"]
