"""Dividing an application's core time and money, as an answer."""

from __future__ import annotations

import numpy as np

from analyzer.api.applications.schemas import Application
from analyzer.api.waterfall.schemas import Clipped, ExecutorParts, Memory, Part, StageParts, Waterfall
from analyzer.timeline.history import History, Ints
from analyzer.timeline.memory_use import MemoryUse
from analyzer.timeline.parts import PARTS
from analyzer.timeline.waterfall import Waterfall as Division

ROWS = 500
"""Executors or stage attempts that one answer holds at most."""
LEAST_TOLD_CORE_MS = 50
"""Half of the last digit of the note on what is left out."""


def waterfall_of(application: Application, history: History, division: Division, memory: MemoryUse, detail: str) -> Waterfall:
    """The division of one application; `detail` is `none`, `executors` or `stages`."""
    allocated, cost = division.allocated_core_ms, application.cost
    return Waterfall(
        app_id=application.app_id,
        attempt_id=application.attempt_id,
        allocated_core_ms=allocated,
        cost_usd=cost.expected_usd,
        price_book=cost.price_book,
        prices_as_of=cost.prices_as_of,
        parts=[
            Part(
                name=part.name,
                label=part.label,
                kind=part.kind,
                knob=part.knob,
                core_ms=division.parts[part.name],
                share=division.parts[part.name] / allocated if allocated else 0.0,
                usd=cost.expected_usd * division.parts[part.name] / allocated if allocated else 0.0,
            )
            for part in PARTS
        ],
        memory=Memory(
            allocated_gb_h=memory.allocated_gb_s / 3600,
            reported_gb_h=memory.reported_gb_s / 3600,
            used_at_peak_gb_h=memory.peak_gb_s / 3600,
            used_on_average_gb_h=memory.mean_gb_s / 3600,
            executors=memory.executors,
            executors_reporting=memory.executors_reporting,
        ),
        clipped=Clipped(
            over_cores_core_ms=division.clipped_over_cores,
            outside_life_core_ms=division.clipped_outside_life,
            unknown_executor_core_ms=division.unknown_executor,
        ),
        notes=list(_notes(application, division)),
        executors=_executors(history, division) if detail == "executors" else [],
        stages=_stages(history, division) if detail == "stages" else [],
    )


def _notes(application: Application, division: Division) -> list[str]:
    notes = []
    if not application.completeness.complete:
        notes.append(application.completeness.note)
    if division.idle_while_open >= LEAST_TOLD_CORE_MS:
        notes.append(
            f"{division.idle_while_open / 1000:,.1f} core-s count as idle in which stages that never ended may have had tasks: "
            "Spark tells of a task once it ends"
        )
    if not division.cpu_reported:
        notes.append("Spark reported no CPU time: waits for input and output count as useful CPU")
    if division.parts["spill"]:
        notes.append("spill is an estimate: the wait of spilling tasks, divided by bytes")
    clipped = division.clipped_over_cores + division.clipped_outside_life + division.unknown_executor
    if clipped >= LEAST_TOLD_CORE_MS:
        notes.append(f"{clipped / 1000:,.1f} core-s of task time do not fit the executors' lives and cores and are left out")
    return notes


def _executors(history: History, division: Division) -> list[ExecutorParts]:
    lives, totals = history.executors, division.by_executor.sum(axis=1)
    return [
        ExecutorParts(
            executor_id=lives.ids[place],
            cores=int(lives.cores[place]),
            allocated_core_ms=int(totals[place]),
            parts=_named(division.by_executor[place]),
        )
        for place in _largest(totals)
    ]


def _stages(history: History, division: Division) -> list[StageParts]:
    stages, totals = history.stages, division.by_stage.sum(axis=1)
    return [
        StageParts(
            stage_id=int(stages.ids[place]),
            stage_attempt_id=int(stages.attempts[place]),
            name=stages.names[place],
            held_core_ms=int(totals[place]),
            parts=_named(division.by_stage[place]),
        )
        for place in _largest(totals)
    ]


def _largest(totals: Ints) -> list[int]:
    return [int(place) for place in np.argsort(-totals, kind="stable")[:ROWS]]


def _named(row: Ints) -> dict[str, int]:
    return {part.name: int(core_ms) for part, core_ms in zip(PARTS, row, strict=True) if core_ms}
