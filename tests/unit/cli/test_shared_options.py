"""Shared options mean the same before and after the command's name."""

from __future__ import annotations

import pytest

from sparkledger.cli.shared import in_front


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["apps", "--data", "d", "--json"], ["--data", "d", "--json", "apps"]),
        (["--json", "apps", "--data=d"], ["--json", "--data=d", "apps"]),
        (["apps", "--limit", "3"], ["apps", "--limit", "3"]),
        (["submit", "--data", "d", "--", "spark-submit", "--json"], ["--data", "d", "submit", "--", "spark-submit", "--json"]),
        (["apps", "--data"], ["apps", "--data"]),
    ],
)
def test_shared_options_move_to_the_front(given: list[str], expected: list[str]) -> None:
    assert in_front(given) == expected
