"""Where an application's paid core time went, as parts of one bar that sum to the whole."""

from __future__ import annotations

from dataclasses import dataclass

from analyzer.api.applications.schemas import CoreTime
from analyzer.api.waterfall.schemas import Waterfall


@dataclass(frozen=True, slots=True)
class Part:
    """One stretch of the bar; `share` of allocated core time, 0 to 1."""

    label: str
    css_class: str
    core_s: float
    share: float
    means: str


_CLASSES = {"useful_cpu": "useful", "gc": "gc", "fetch_wait": "fetch"}
_KIND_CLASSES = {"slot_idle": "idle", "lost": "lost", "in_task": "wait"}
_DRAWN = ("useful", "gc", "fetch", "wait", "lost", "idle")


def parts_of(division: Waterfall) -> list[Part]:
    """The parts of a waterfall in the order in which they are drawn: work first, idle cores last."""
    drawn = [
        Part(
            part.label,
            _CLASSES.get(part.name, _KIND_CLASSES[part.kind]),
            part.core_ms / 1000,
            part.share,
            f"moved by: {part.knob}",
        )
        for part in division.parts
        if part.core_ms > 0
    ]
    return sorted(drawn, key=lambda part: _DRAWN.index(part.css_class))


def parts(core_time: CoreTime) -> list[Part]:
    """The coarse parts, from the stored profile alone; empty where nothing is known to have been allocated."""
    allocated = core_time.allocated_core_s
    if allocated <= 0:
        return []
    busy = min(core_time.busy_core_s, allocated)
    lost = min(core_time.unsuccessful_core_s, busy)
    gc = min(core_time.gc_core_s, busy - lost)
    fetch = min(core_time.fetch_wait_core_s, busy - lost - gc)
    amounts = (
        ("running tasks", "useful", busy - lost - gc - fetch, "a task was on the slot and nothing below explains its time"),
        ("garbage collection", "gc", gc, "successful tasks stood still while the JVM collected garbage"),
        ("shuffle fetch wait", "fetch", fetch, "successful tasks waited for shuffle blocks"),
        ("failed, killed, re-run", "lost", lost, "task attempts whose result was not used"),
        ("no task on the slot", "idle", allocated - busy, "an executor was paid for and its core had nothing to do"),
    )
    return [Part(label, css, core_s, core_s / allocated, means) for label, css, core_s, means in amounts if core_s > 0]
