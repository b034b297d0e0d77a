"""The saving that a rule predicted, against the same application run again with the change made."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from analyzer.rules.registry import all_rules
from tests.truth.judging import Judgement


def saving_rows(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """One row a repaired label whose finding claimed a saving.

    What was measured is the difference of the time the saving is claimed from: of all core time for a rule that claims idle core time,
    of core time with a task for one that claims busy core time. The error is the distance of what was measured from the
    predicted range, over what was measured; 0 within the range.
    """
    by_name = {(j.run.spark, j.run.label.name): j for j in judgements}
    return [row for after in judgements for row in _row(by_name, after)]


def _row(by_name: dict[tuple[str, str], Judgement], after: Judgement) -> Iterator[dict[str, Any]]:
    repairs = after.run.label.repairs
    before = by_name.get((after.run.spark, repairs.of)) if repairs else None
    if repairs is None or before is None:
        return
    claimed = [p.finding.saving for p in before.findings if p.finding.rule_code == repairs.rule and p.finding.saving]
    pool = next(found.rule.pool for found in all_rules() if found.code == repairs.rule)
    if not claimed or pool not in ("idle", "busy"):
        return
    low, high = sum(s.low_core_s for s in claimed), sum(s.high_core_s for s in claimed)
    of = "allocated_core_s" if pool == "idle" else "busy_core_s"
    measured = float(getattr(before, of) - getattr(after, of))
    outside = max(low - measured, measured - high, 0.0)
    yield {
        "rule": repairs.rule,
        "spark": after.run.spark,
        "run": repairs.of,
        "changed": after.run.label.name,
        "predicted_low_core_s": round(low, 1),
        "predicted_high_core_s": round(high, 1),
        "measured_core_s": round(measured, 1),
        "error_of_range": round(outside / abs(measured), 3) if measured else None,
        "error_of_middle": round(((low + high) / 2 - measured) / abs(measured), 3) if measured else None,
    }
