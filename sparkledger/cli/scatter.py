"""A scatter chart of time against dollars for a terminal: what ran, what would be, and the front of the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from analyzer.figures import duration, usd

HEIGHT, MOST_WIDTH = 12, 72
_OTHER, _FRONT, _ACTUAL = "·", "●", "◆"
_STYLES = {_OTHER: Style(dim=True), _FRONT: Style(color="green", bold=True), _ACTUAL: Style(color="red", bold=True)}


@dataclass(frozen=True, slots=True)
class Point:
    """One configuration; `kind` is `actual`, `front` or `other`."""

    wall_ms: float
    usd: float
    kind: str


@dataclass(frozen=True, slots=True)
class Scatter:
    """Time to the right, dollars upwards, from the least to the most of both; glyphs tell the kinds apart without colour."""

    points: Sequence[Point]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if not self.points:
            return
        walls, costs = [p.wall_ms for p in self.points], [p.usd for p in self.points]
        labels = [usd(max(costs)), usd(min(costs))]
        margin = max(map(len, labels))
        width = max(10, min(MOST_WIDTH, options.max_width - margin - 2))
        for number, row in enumerate(self._rows(width)):
            label = labels[0] if number == 0 else labels[1] if number == HEIGHT - 1 else ""
            yield Segment(f"{label:>{margin}} │", Style(dim=True))
            for glyph in row.rstrip():
                yield Segment(glyph, _STYLES.get(glyph))
            yield Segment.line()
        fastest, slowest = duration(min(walls)), duration(max(walls))
        yield Segment(f"{'':>{margin}} └{'─' * width}\n", Style(dim=True))
        yield Segment(f"{'':>{margin}}  {fastest}{slowest:>{max(1, width - len(fastest))}}\n", Style(dim=True))
        yield Segment(f"{'':>{margin}}  {_FRONT} none is faster and cheaper   {_OTHER} others   {_ACTUAL} as it ran\n")

    def _rows(self, width: int) -> list[str]:
        grid = [[" "] * width for _ in range(HEIGHT)]
        low_ms, most_ms = min(p.wall_ms for p in self.points), max(p.wall_ms for p in self.points)
        low_usd, most_usd = min(p.usd for p in self.points), max(p.usd for p in self.points)
        glyphs = {"other": _OTHER, "front": _FRONT, "actual": _ACTUAL}
        # What matters most is drawn last.
        for point in sorted(self.points, key=lambda p: list(glyphs).index(p.kind)):
            column = round(_share(point.wall_ms, low_ms, most_ms) * (width - 1))
            row = round((1 - _share(point.usd, low_usd, most_usd)) * (HEIGHT - 1))
            grid[row][column] = glyphs[point.kind]
        return ["".join(row) for row in grid]


def _share(value: float, low: float, most: float) -> float:
    return (value - low) / (most - low) if most > low else 0.0
