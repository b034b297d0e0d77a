"""The what-if's predictions for other executor counts, and other slot counts of local mode, against the same application on those."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import groupby, permutations
from typing import Any

from analyzer.cost.book import load_price_book
from analyzer.cost.price import Target
from analyzer.timeline.whatif import Choice, predict
from tests.truth.judging import Judgement


def count_rows(judgements: Sequence[Judgement]) -> list[dict[str, Any]]:
    """One row a pair of runs of one family: wall time of the second as predicted from the first, and as it was."""
    members = sorted((j for j in judgements if j.run.label.family), key=_family)
    rows = []
    for (family, spark), group in groupby(members, key=_family):
        rows += [{"spark": spark, **_row(family, seen, asked)} for seen, asked in permutations(list(group), 2)]
    return rows


def _family(judgement: Judgement) -> tuple[str, str]:
    return judgement.run.label.family, judgement.run.spark


def median_error(rows: Sequence[dict[str, Any]]) -> float | None:
    """Of wall time, without sign; None where there was no pair."""
    return round(statistics.median(abs(row["error"]) for row in rows), 4) if rows else None


def _row(family: str, seen: Judgement, asked: Judgement) -> dict[str, Any]:
    local, count = asked.run.label.local, _size(asked)
    choice = Choice(cores=count) if local else Choice(executors=(count,))
    prediction = predict(seen.history, seen.header.conf, choice, load_price_book(), Target(), local)
    predicted_s = prediction.scenarios[0].wall_ms / 1000
    return {
        "application": family,
        "seen_on": _size(seen),
        "asked_for": count,
        "seen_s": round(seen.wall_s, 1),
        "predicted_s": round(predicted_s, 1),
        "ran_s": round(asked.wall_s, 1),
        "error": round((predicted_s - asked.wall_s) / asked.wall_s, 4),
        "replay_error": round(prediction.wall_error, 4),
    }


def _size(judgement: Judgement) -> int:
    """The executors that its label asks for; the slots of local mode."""
    return int(judgement.run.label.master.partition("[")[2].rstrip("]").split(",")[0])
