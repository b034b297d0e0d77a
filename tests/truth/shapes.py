"""Whether a run is what its label says, read from the log itself and not through the product.

A machine that is slow to start tasks can make short ones as long as the long ones; the label is then not true of that run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any


def out_of_shape(log: Path, shape: Mapping[str, Any]) -> str:
    """What is not as the label says; '' where all is.

    Bounds of `shape`: `longest_over_median` and `tail_s` (longest less median task) of the stage named by `stage`; `median_s` of it;
    `gc_share` and `gc_s` of all tasks.
    """
    if not shape:
        return ""
    measured = _measured(log, shape.get("stage", ""))
    wrong = [
        f"{name} is {measured[name]:.3g}, not {low} to {high}"
        for name, (low, high) in ((key, bounds) for key, bounds in shape.items() if key != "stage")
        if not low <= measured[name] <= high
    ]
    return "; ".join(wrong)


def _measured(log: Path, stage: str) -> dict[str, float]:
    names: dict[int, str] = {}
    durations, run_ms, gc_ms = [], 0, 0
    for line in log.read_text().splitlines():
        event = json.loads(line)
        if event["Event"] == "SparkListenerStageSubmitted":
            names[event["Stage Info"]["Stage ID"]] = event["Stage Info"]["Stage Name"]
        elif event["Event"] == "SparkListenerTaskEnd":
            metrics, info = event.get("Task Metrics") or {}, event["Task Info"]
            run_ms += metrics.get("Executor Run Time", 0)
            gc_ms += metrics.get("JVM GC Time", 0)
            if names.get(event["Stage ID"]) == stage:
                durations.append(info["Finish Time"] - info["Launch Time"])
    ordered = sorted(durations) or [1]
    median, longest = max(1, ordered[len(ordered) // 2]), ordered[-1]
    return {
        "longest_over_median": longest / median,
        "tail_s": (longest - median) / 1000,
        "median_s": median / 1000,
        "gc_share": gc_ms / max(1, run_ms),
        "gc_s": gc_ms / 1000,
    }
