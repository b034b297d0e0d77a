"""Requests to S3 and waiting for it, as lines of a report."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from analyzer.figures import core_time_range, count, number_range, share, size, usd_range

PLACES = 8
_Json = Mapping[str, Any]


def s3_lines(answer: _Json) -> Iterator[RenderableType]:
    """What `/applications/{app_id}/s3` answers of an application that is known to use S3."""
    asked, waited = answer["requests_usd"], answer["waiting"]
    yield Text("S3", style="dim")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    how = "counted by the plugin" if answer["counted"] else "estimated from the plans"
    grid.add_row("requests", Text.assemble((usd_range(asked["low"], asked["high"]), "bold"), f", {how}; beside the cost above"))
    waits = core_time_range(waited["core_s"]["low"], waited["core_s"]["high"])
    of_the_run = f"{_shares(waited['share'])} of the run; within the cost above"
    grid.add_row("waiting", Text.assemble((waits, "bold"), f", {of_the_run}"))
    yield grid
    if answer["places"]:
        yield _places(answer["places"])
    more = len(answer["places"]) - PLACES
    if more > 0:
        yield Text(f"and {count(more, 'more place')}: GET /api/v1/applications/{answer['app_id']}/s3", style="dim")
    for bucket in answer["buckets"]:
        if bucket["throttled"] or bucket["retries"]:
            throttled, retries = count(bucket["throttled"], "request"), count(bucket["retries"], "retry", "retries")
            yield Text(f"bucket {bucket['bucket']}: {throttled} throttled, {retries}", style="yellow")


def _places(places: list[_Json]) -> RenderableType:
    grid = Table.grid(padding=(0, 1))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for _ in range(4):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_row(*(Text(cell, style="dim") for cell in ("←", "read, → written", "size", "requests", "cost", "waiting")))
    for place in places[:PLACES]:
        asked, waited = place["requests_usd"], place["waiting"]["core_s"]
        grid.add_row(
            "→" if place["access"] == "write" else "←",
            place["place"],
            size(place["size_bytes"]),
            _requests(place["requests"]),
            usd_range(asked["low"], asked["high"]),
            core_time_range(waited["low"], waited["high"]),
        )
    return grid


def _requests(requests: _Json) -> str:
    """All requests of a place, as one range."""
    return number_range(*(sum(kind[end] for kind in requests.values()) for end in ("low", "high")))


def _shares(span: _Json) -> str:
    low, high = share(span["low"]), share(span["high"])
    return low if low == high else f"{low.removesuffix(' %')}\N{EN DASH}{high}"
