"""Rules that share a query, judged at the same time."""

from __future__ import annotations

from collections import Counter
from threading import Thread
from types import SimpleNamespace
from typing import Any, cast

import pytest

from analyzer.pipeline import _Rows, thresholds_in_force
from analyzer.rules.registry import all_rules

HEADER = SimpleNamespace(app_id="app-1", attempt_id="", start_ms=0, end_ms=1)
APPLICATION = SimpleNamespace(task_cpus=1, allocated_core_ms=1)


class Unforeseen(BaseException):
    """What no `except Exception` takes, such as a panic of native code."""


class FailingStore:
    def query(self, *_: Any) -> Any:
        raise Unforeseen


def test_a_query_that_fails_for_one_rule_leaves_no_other_waiting_for_its_answer() -> None:
    sql = Counter(found.sql for found in all_rules()).most_common(1)[0][0]
    found = next(found for found in all_rules() if found.sql == sql)
    rows = _Rows(cast(Any, FailingStore()), cast(Any, SimpleNamespace(header=HEADER, application=APPLICATION)))
    told: list[BaseException] = []

    def ask() -> None:
        with pytest.raises(Unforeseen) as raised:
            rows(found, thresholds_in_force()[found.code])
        told.append(raised.value)

    for _ in range(2):
        asking = Thread(target=ask, daemon=True)
        asking.start()
        asking.join(10)
    assert len(told) == 2
