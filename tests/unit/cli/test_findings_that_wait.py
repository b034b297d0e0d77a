"""A gate over all applications waits for their analyses, and not for ever."""

from __future__ import annotations

from typing import Any

import pytest

from sparkledger.cli import findings


class Ledger:
    """Answers with fewer and fewer applications that wait, down to the last given number."""

    def __init__(self, *waiting: int) -> None:
        self.waiting = list(waiting)
        self.asked = 0

    def ask(self) -> dict[str, Any]:
        self.asked += 1
        return {"waiting_for_analysis": self.waiting.pop(0) if len(self.waiting) > 1 else self.waiting[0], "asked": self.asked}


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_PAUSE_S", 0.0)


def test_a_gate_asks_until_all_is_analysed() -> None:
    ledger = Ledger(9, 9, 4, 4, 0)
    assert findings._listed(ledger.ask, wait=True) == {"waiting_for_analysis": 0, "asked": 5}


def test_a_list_shows_what_is_known() -> None:
    ledger = Ledger(9, 0)
    assert findings._listed(ledger.ask, wait=False) == {"waiting_for_analysis": 9, "asked": 1}


def test_a_gate_gives_up_where_nothing_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(findings, "_STANDSTILL_S", 0.05)
    ledger = Ledger(3, 2)
    assert findings._listed(ledger.ask, wait=True)["waiting_for_analysis"] == 2
    assert ledger.asked >= 2
