"""The judgement of a run for Spot, as tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from analyzer.figures import core_time, duration, share, usd
from sparkledger.cli.table import Column

OPTION_COLUMNS = [
    Column("On-Demand", "right", keep=True),
    Column("saves a run", "right", keep=True),
    Column("90 % of runs", "right", drop=2, keep=True),
    Column("delay", "right", keep=True),
    Column("19 of 20 under", "right", drop=1, keep=True),
    Column("work again", "right", drop=3, keep=True),
    Column("", keep=True),
]
STAGE_COLUMNS = [
    Column("stage", "right", keep=True),
    Column("tasks", "right", drop=3, keep=True),
    Column("longest", "right", keep=True),
    Column("killed", "right", keep=True),
    Column("work again", "right", drop=2, keep=True),
    Column("stalls", "right", keep=True),
    Column("saves a run", "right", drop=1, keep=True),
]
STAGES = 8
_Json = Mapping[str, Any]


def option_rows(answer: _Json) -> list[list[str]]:
    """A row an On-Demand share; the recommended one is marked."""
    rows = []
    for option in answer["options"]:
        saving, delay = option["saving_usd"], option["delay_ms"]
        best = option["on_demand_share"] == answer["recommended"]["on_demand_share"]
        rows.append(
            [
                share(option["on_demand_share"]),
                money(saving["mean"]),
                money_range(saving["low"], saving["high"]),
                f"+{duration(max(0.0, delay['mean']))}",
                f"+{duration(max(0.0, delay['high']))}",
                core_time(option["rerun_core_s"]["mean"]),
                "recommended" if best else "" if option["within_delay_budget"] else "delays too much",
            ]
        )
    return rows


def stage_rows(answer: _Json) -> list[list[str]]:
    """The stages with most task time."""
    return [
        [
            str(stage["stage_id"]),
            f"{stage['tasks']:,}",
            duration(stage["longest_task_s"] * 1000),
            share(stage["kill_share"]),
            duration(stage["rework_task_s"]["mean"] * 1000),
            duration(stage["stall_s"]["mean"] * 1000),
            money(stage["saving_usd"]["mean"]),
        ]
        for stage in answer["stages"][:STAGES]
    ]


def talk(answer: _Json) -> list[str]:
    """The verdict, what it rests on, and where it ends."""
    rate, reached = answer["rate"], answer["break_even_per_instance_h"]
    as_of = f" of {answer['prices_as_of']}" if answer["prices_as_of"] else ""
    limit = f", or at over {share(reached)} reclaims of an instance an hour" if reached is not None else ""
    return [
        sentence(answer),
        f"a reclaim kills the task that it meets with {share(answer['kill_share'])}: {share(answer['long_share'])} of the task time is in "
        "tasks longer than the notice",
        f"Spot stops paying under a discount of {share(answer['break_even_discount'])} on the EC2 part{limit}; "
        f"taken is {share(answer['discount'])}",
        f"reclaims of an instance an hour: {share(rate['mean_per_instance_h'])} ({share(rate['low_per_instance_h'])} to "
        f"{share(rate['high_per_instance_h'])}), {rate['basis']}: {rate['reclaims_seen']:,} seen in "
        f"{rate['instance_h_seen']:,.0f} instance-hours",
        f"{answer['replays']:,} replays on {answer['nodes']:,} nodes; all On-Demand the executors cost {usd(answer['on_demand_usd'])}; "
        f"price book {answer['price_book']}{as_of}",
        *(f"note: {note}" for note in answer["notes"]),
    ]


def sentence(answer: _Json) -> str:
    """The verdict in one sentence."""
    best = answer["recommended"]
    if best["on_demand_share"] >= 1:
        return "keep On-Demand: no share of Spot saves money within the delay that is allowed"
    saving, delay = best["saving_usd"], best["delay_ms"]
    kept = "every executor" if best["on_demand_share"] <= 0 else f"all but {share(best['on_demand_share'])} of the executors"
    longer = f"at most {duration(delay['high'])} longer" if delay["high"] >= 1 else "no longer"
    return (
        f"{kept} on Spot: saves {money_range(saving['low'], saving['high'])} a run "
        f"({share(saving['mean'] / answer['on_demand_usd'])}); 19 of 20 runs take {longer}"
    )


def money_range(low_usd: float, high_usd: float) -> str:
    """Two amounts that may be negative; one where both read the same."""
    low, high = money(low_usd), money(high_usd)
    return low if low == high else f"{low} to {high}"


def money(amount: float) -> str:
    """Dollars that may be negative."""
    return f"-{usd(-amount)}" if amount < 0 else usd(amount)
