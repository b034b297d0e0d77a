"""What is printed moves no cursor, whatever the names in it hold."""

from __future__ import annotations

import pytest
from rich.table import Table
from rich.text import Text

from sparkledger.cli.output import Output

NAME = "orders\x1b[2J\x9b1A\x07 nightly"


def test_control_characters_of_names_are_left_out(capsys: pytest.CaptureFixture[str]) -> None:
    output, table = Output(), Table.grid()
    table.add_row(NAME, Text(NAME, style="bold"))
    output.show(Text(NAME), table)
    output.out.print(table)
    output.say(f"{NAME}\nand more")
    said = capsys.readouterr()
    assert said.out.splitlines()[0] == "orders[2J1A nightly"
    assert said.err == "orders[2J1A nightly\nand more\n"
    assert not any(character in said.out for character in "\x1b\x9b\x07")
