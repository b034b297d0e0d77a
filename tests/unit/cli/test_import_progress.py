"""What an import says while it runs."""

from __future__ import annotations

import pytest

from sparkledger.cli.import_progress import ImportProgress
from sparkledger.cli.output import Output


def test_without_a_terminal_the_bar_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    with ImportProgress(Output(), live_json=True) as progress:
        progress.found([])
    assert capsys.readouterr() == ("", "")
