"""Writes `bench/results/accuracy.json`: only of applications that really ran, and how many of all labels those are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.__main__ import machine
from tests.truth.counts import count_rows, median_error
from tests.truth.judging import Judgement
from tests.truth.labels import Label
from tests.truth.savings import saving_rows
from tests.truth.scores import figures, rule_rows

RESULTS = Path(__file__).resolve().parents[2] / "bench" / "results" / "accuracy.json"


def record_of(labels: Sequence[Label], judgements: Sequence[Judgement], command: str) -> dict[str, Any]:
    """The record of what was judged."""
    rows, counts = rule_rows(judgements), count_rows(judgements)
    ran = {j.run.label.name for j in judgements}
    dates = sorted({j.run.date for j in judgements})
    sparks = Counter(j.run.spark for j in judgements)
    return {
        "benchmark": "accuracy",
        "command": command,
        "date": " to ".join(dict.fromkeys((dates[0], dates[-1]))) if dates else None,
        "machine": machine(),
        "versions": {"Spark": ", ".join(sorted(sparks))},
        "labels": len(labels),
        "ran": len(ran),
        "runs_by_spark": dict(sorted(sparks.items())),
        "not_run": [label.name for label in labels if label.name not in ran],
        "figures": {**figures(rows), "whatif_median_error": median_error(counts)},
        "rows": rows,
        "savings": saving_rows(judgements),
        "counts": counts,
        "runs": [_run(j) for j in judgements],
    }


def write(record: dict[str, Any]) -> None:
    """Writes the record in place of an earlier one."""
    RESULTS.write_text(json.dumps(record, indent=1) + "\n")


def _run(judgement: Judgement) -> dict[str, Any]:
    label = judgement.run.label
    return {
        "label": label.name,
        "spark": judgement.run.spark,
        "part": label.part,
        "why": label.why,
        "master": label.master,
        "must": sorted(label.must),
        "fired": sorted({p.finding.rule_code for p in judgement.findings}),
        "missed": list(judgement.missed),
        "false": list(judgement.false),
        "lowered_thresholds": {code: dict(values) for code, values in label.thresholds.items()},
        "wall_s": round(judgement.wall_s, 1),
        "date": judgement.run.date,
    }
