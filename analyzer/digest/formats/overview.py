"""The comparison at the top of a digest, as rows of text that every format lays out in its own way."""

from __future__ import annotations

from typing import NamedTuple

from analyzer.digest.model import Digest
from analyzer.figures import MINUS, NOTHING, change, core_time, share, usd, usd_range

COLUMNS = ("", "this week", "vs last week", "vs 4-week median")


class OverviewRow(NamedTuple):
    """One quantity: this week, against the week before, against the median of the four weeks before."""

    name: str
    now: str
    since_last_week: str
    since_median: str


def overview(digest: Digest) -> list[OverviewRow]:
    """Cost, core-hours, the busy share of them, runs, and what the findings would save."""
    now, before = digest.totals, digest.previous
    return [
        OverviewRow(
            "cost",
            usd_range(now.cost_low_usd, now.cost_high_usd),
            change(now.cost_usd, before.cost_usd if before else None),
            change(now.cost_usd, digest.median_cost_usd),
        ),
        OverviewRow(
            "allocated", core_time(now.allocated_core_s), change(now.allocated_core_s, before.allocated_core_s if before else None), ""
        ),
        OverviewRow("busy", share(now.busy_share), f"was {share(before.busy_share)}" if before else NOTHING, ""),
        OverviewRow("runs", f"{now.applications:,}", change(now.applications, before.applications if before else None), ""),
        OverviewRow("could be saved", usd_range(now.saving_low_usd, now.saving_high_usd), "", ""),
    ]


def one_line(text: str) -> str:
    """A text without the line breaks and control characters that a name may hold: a terminal would obey them."""
    return "".join(character if character.isprintable() else " " if character.isspace() else "" for character in text)


def signed_usd(amount_usd: float) -> str:
    """A change in dollars: `+$3.10`, minus `$12.40`."""
    return (MINUS if amount_usd < 0 else "+") + usd(abs(amount_usd))


def source_note(digest: Digest) -> str:
    """Where the money figures come from."""
    return f"Prices: {digest.price_book}, as of {digest.prices_as_of}." if digest.price_book else "No price book was in force."
