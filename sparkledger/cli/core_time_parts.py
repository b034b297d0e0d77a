"""Where the core time went: the waterfall as a bar and a table, and the memory beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from analyzer.figures import core_time, share, usd
from sparkledger.cli.core_time_bar import CoreTimeBar, Slice

LEAST_SHARE = 0.005
"""Smaller parts are summed up in one line."""
_GLYPHS = {"useful_cpu": ("█", "green"), "slot_idle": ("░", "yellow"), "lost": ("x", "red"), "in_task": ("▒", "blue")}
_Json = Mapping[str, Any]


def core_time_parts(division: _Json) -> Iterator[RenderableType]:
    """The parts of `/applications/{app_id}/waterfall`; nothing where no core time is known."""
    if division["allocated_core_ms"] <= 0:
        return
    told = [part for part in division["parts"] if part["core_ms"] > 0]
    yield Text("where the core time went", style="dim")
    yield CoreTimeBar(sorted(map(_slice, told), key=lambda piece: "█▒x░".index(piece.glyph)))
    yield _table(told)
    yield from _memory(division["memory"])
    for note in division["notes"]:
        yield Text(f"note: {note}", style="dim")


def _slice(part: _Json) -> Slice:
    glyph, style = _GLYPHS.get(part["name"], _GLYPHS[part["kind"]])
    return Slice(part["label"], part["share"], glyph, style)


def _table(parts: list[_Json]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(no_wrap=True)
    for _ in range(3):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column(style="dim", overflow="fold")
    small = [part for part in parts if part["share"] < LEAST_SHARE]
    for part in sorted((p for p in parts if p["share"] >= LEAST_SHARE), key=lambda p: -p["share"]):
        glyph, style = _GLYPHS.get(part["name"], _GLYPHS[part["kind"]])
        label = Text.assemble((f"{glyph} ", style), part["label"])
        grid.add_row(label, share(part["share"]), core_time(part["core_ms"] / 1000), usd(part["usd"]), part["knob"])
    if small:
        core_ms, dollars = sum(p["core_ms"] for p in small), sum(p["usd"] for p in small)
        named = ", ".join(part["label"] for part in small)
        grid.add_row("  the rest", share(sum(p["share"] for p in small)), core_time(core_ms / 1000), usd(dollars), named)
    return grid


def _memory(memory: _Json) -> Iterator[RenderableType]:
    given = f"memory: {_gb_h(memory['allocated_gb_h'])} allocated"
    if memory["executors_reporting"] == 0:
        yield Text(f"{given}; what was used of it was not reported", style="dim")
        return
    of = max(memory["reported_gb_h"], 1e-12)
    some = memory["executors"] - memory["executors_reporting"]
    of_whom = f" (of {memory['executors_reporting']:,} executors that reported)" if some else ""
    peak, mean = memory["used_at_peak_gb_h"] / of, memory["used_on_average_gb_h"] / of
    yield Text(f"{given}, {share(peak)} used at the peaks, {share(mean)} on average{of_whom}", style="dim")


def _gb_h(amount: float) -> str:
    return f"{amount:,.0f} GB-h" if amount >= 100 else f"{amount:.3g} GB-h"
