"""What reclaims would cost each stage, from its task lengths alone.

With d the length of a task, w the notice, r the reclaims of an instance a second, N the nodes and T the stage's time:
kill share = sum of max(0, d - w) / sum of d, the chance that a reclaim kills the task that it meets; rework of killed tasks
= r x sum of (d^2 - w^2) / 2 over d > w; shuffle output that has to be computed again = r x (time in which it is read) x sum of d,
none where decommissioning moves it; stall = r x N x T x kill share x (sum of d^2 / sum of d), the re-run that everything else
waits for, at most. Derived, first order: it holds while the rework is below a third of the work.
Source of the rework model: renewal argument, checked by simulation in the tests.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.timeline.plan import Plan


@dataclass(frozen=True, slots=True)
class StageExposure:
    """One stage attempt under reclaims, per reclaim an instance and second where the name ends in `_per_rate`."""

    stage_id: int
    place: int
    tasks: int
    task_ms: int
    longest_ms: int
    long_share: float
    """Share of task time in tasks longer than the notice."""
    kill_share: float
    rework_s_per_rate: float
    """Task-seconds of killed tasks."""
    shuffle_s_per_rate: float
    """Task-seconds of map output computed again."""
    stall_s_per_rate: float

    def rework_s(self, rate_h: float) -> float:
        """Task-seconds that are spent again, killed tasks and lost output."""
        return (self.rework_s_per_rate + self.shuffle_s_per_rate) * rate_h / 3600

    def stall_s(self, rate_h: float) -> float:
        """Seconds that the stage takes longer, at most."""
        return self.stall_s_per_rate * rate_h / 3600


def exposures(plan: Plan, nodes: int, slots: int, notice_s: float, decommission: bool) -> Sequence[StageExposure]:
    """Every stage with tasks, on `nodes` nodes with `slots` slots in all."""
    lengths = [_stage_s(stage.durations_ms, slots) for stage in plan.stages]
    read_s = [0.0] * len(plan.stages)
    for place, stage in enumerate(plan.stages):
        for parent in stage.parents:
            read_s[parent] += lengths[place]
    found = []
    for place, stage in enumerate(plan.stages):
        if not stage.durations_ms:
            continue
        d = np.asarray(stage.durations_ms, dtype=np.float64) / 1000
        total, over = float(d.sum()), d > notice_s
        kill = float((d[over] - notice_s).sum()) / total if total else 0.0
        rerun_s = float((d * d).sum()) / total if total else 0.0
        found.append(
            StageExposure(
                stage_id=stage.stage_id,
                place=place,
                tasks=len(d),
                task_ms=round(total * 1000),
                longest_ms=max(stage.durations_ms),
                long_share=float(d[over].sum()) / total if total else 0.0,
                kill_share=kill,
                rework_s_per_rate=float((d[over] ** 2 - notice_s**2).sum()) / 2,
                shuffle_s_per_rate=0.0 if decommission else read_s[place] * total,
                stall_s_per_rate=nodes * lengths[place] * kill * rerun_s,
            )
        )
    return found


def _stage_s(durations_ms: Sequence[int], slots: int) -> float:
    """About how long a stage takes: its work over the slots, or its longest task."""
    return max(sum(durations_ms) / max(1, slots), max(durations_ms, default=0)) / 1000
