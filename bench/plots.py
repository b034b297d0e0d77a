"""Figures of the performance page as SVG. matplotlib comes with the development tools."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

PLOTS = Path(__file__).resolve().parent.parent / "docs" / "reference" / "plots"
_OURS, _OTHERS = "#0b6e4f", "#9aa5b1"


def seconds_by_reader(path: Path, readers: Sequence[tuple[str, float]]) -> None:
    """A bar a reader, the quickest on top."""
    pyplot = _pyplot()
    ordered = sorted(readers, key=lambda reader: -reader[1])
    figure, axes = pyplot.subplots(figsize=(8, 0.5 * len(ordered) + 1))
    bars = axes.barh(
        [name for name, _ in ordered],
        [seconds for _, seconds in ordered],
        color=[_OURS if name.startswith(("sparkledger", "our ")) else _OTHERS for name, _ in ordered],
    )
    axes.bar_label(bars, labels=[f"{seconds:,.1f} s" for _, seconds in ordered], padding=4)
    axes.set_xlabel("seconds, one log")
    axes.margins(x=0.15)
    _save(figure, path)


def cost_curve(path: Path, points: Sequence[dict[str, float]]) -> None:
    """Seconds and memory of an import by its number of tasks."""
    figure, axes = _pyplot().subplots(figsize=(8, 3.5))
    tasks = [point["tasks"] for point in points]
    axes.loglog(tasks, [point["seconds"] for point in points], "o-", color=_OURS, label="seconds")
    axes.set_xlabel("tasks")
    axes.set_ylabel("seconds")
    memory = axes.twinx()
    memory.semilogx(tasks, [point["memory_mib"] for point in points], "s--", color=_OTHERS)
    memory.set_ylabel("peak memory, MiB (dashed)")
    memory.set_ylim(bottom=0)
    _save(figure, path)


def seconds_by_tasks(path: Path, points: Sequence[dict[str, float]], curves: dict[str, str]) -> None:
    """A line for each of `curves`, which says how a figure of the points is called."""
    figure, axes = _pyplot().subplots(figsize=(8, 3.5))
    tasks = [point["tasks"] for point in points]
    for (name, label), mark in zip(curves.items(), "osD^", strict=False):
        axes.loglog(tasks, [point[name] for point in points], f"{mark}-", label=label)
    axes.set_xlabel("tasks")
    axes.set_ylabel("seconds")
    axes.legend(frameon=False)
    _save(figure, path)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("svg")
    # The same figures give the same file.
    matplotlib.rcParams["svg.hashsalt"] = "sparkledger"
    from matplotlib import pyplot

    return pyplot


def _save(figure: Any, path: Path) -> None:
    for axes in figure.axes:
        axes.spines["top"].set_visible(False)
    figure.tight_layout()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, metadata={"Date": None})
