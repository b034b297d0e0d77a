"""What is said beside the division of core time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from analyzer.api.waterfall.service import _notes

WHOLE: Any = SimpleNamespace(completeness=SimpleNamespace(complete=True, note=""))


@pytest.mark.parametrize(("clipped_ms", "said"), [(0, []), (49, []), (50, ["0.1 core-s"]), (11_480, ["11.5 core-s"])])
def test_task_time_that_does_not_fit_is_told_where_a_digit_of_it_shows(clipped_ms: int, said: list[str]) -> None:
    division: Any = SimpleNamespace(
        cpu_reported=True,
        parts={"spill": 0},
        idle_while_open=0,
        clipped_over_cores=clipped_ms,
        clipped_outside_life=0,
        unknown_executor=0,
    )

    assert [note.split(" of ")[0] for note in _notes(WHOLE, division)] == said


def test_idle_time_in_which_tasks_may_have_run_unseen_is_told() -> None:
    division: Any = SimpleNamespace(
        cpu_reported=True, parts={"spill": 0}, idle_while_open=90_000, clipped_over_cores=0, clipped_outside_life=0, unknown_executor=0
    )

    assert [note.split(" in which")[0] for note in _notes(WHOLE, division)] == ["90.0 core-s count as idle"]
