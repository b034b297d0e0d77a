"""The verdict on Spot in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from sparkledger.cli.spot_view import sentence


def answer(low_usd: float, high_usd: float, delay_ms: float) -> dict[str, Any]:
    saving = {"low": low_usd, "mean": (low_usd + high_usd) / 2, "high": high_usd}
    return {"on_demand_usd": 1.0, "recommended": {"on_demand_share": 0.0, "saving_usd": saving, "delay_ms": {"high": delay_ms}}}


@pytest.mark.parametrize(
    ("low_usd", "high_usd", "delay_ms", "text"),
    [
        (0.02, 0.0201, 0.0, "every executor on Spot: saves $0.02 a run (2.0 %); 19 of 20 runs take no longer"),
        (0.4, 0.5, 90_000.0, "every executor on Spot: saves $0.40 to $0.50 a run (45 %); 19 of 20 runs take at most 1 min 30 s longer"),
    ],
)
def test_equal_ends_are_told_once_and_no_delay_is_no_number(low_usd: float, high_usd: float, delay_ms: float, text: str) -> None:
    assert sentence(answer(low_usd, high_usd, delay_ms)) == text
