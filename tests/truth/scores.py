"""Precision and recall, by rule and in all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from analyzer.rules.registry import all_rules
from tests.truth.judging import Judgement


def rule_rows(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """One row a rule: labels that ask for it, look-alikes, found, missed, false, precision and recall (null where nothing was asked)."""
    rows = []
    for code in sorted(found.code for found in all_rules()):
        asked = [j for j in judgements if code in j.run.label.must]
        found = sum(code in j.found for j in asked)
        false = sum(code in j.false for j in judgements)
        rows.append(
            {
                "rule": code,
                "labelled": len(asked),
                "tempted": sum(code in j.run.label.tempts for j in judgements),
                "found": found,
                "missed": len(asked) - found,
                "false": false,
                "precision": _share(found, found + false),
                "recall": _share(found, len(asked)),
            }
        )
    return rows


def figures(rows: Sequence[dict[str, Any]]) -> dict[str, float | None]:
    """In all, and the least of any rule that was asked for."""
    found, false, asked = (sum(row[key] for row in rows) for key in ("found", "false", "labelled"))
    return {
        "precision": _share(found, found + false),
        "recall": _share(found, asked),
        "precision_min": min((row["precision"] for row in rows if row["precision"] is not None), default=None),
        "recall_min": min((row["recall"] for row in rows if row["recall"] is not None), default=None),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
