"""What the listener holds of the driver's heap through hours of a busy application, with a collector that answers and with none.

`python -m bench stream [--log LOG] [--task-ends N]`: the task ends of a Spark job, or of an event log, are replayed to a listener in one
JVM until there were N. After every sixth of them the heap is collected and sampled: all of it, and what a class histogram (that of
`jcmd GC.class_histogram`) attributes to the listener's own classes and to the arrays that events are stored in.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.spark_programs import CONF, NOBODY_LISTENS, jars_of, plain_log, submit
from listener.build import build, find_spark_jars, is_current
from listener.conf import jar_path

TWO_HOURS = 7_200_000
"""Task ends, at a thousand a second."""
COLLECTORS = {"live": "answers", "dead": "none"}


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure and print. Returns `figures`, `rows` and `notes`."""
    parser = argparse.ArgumentParser(prog="python -m bench stream", description=__doc__)
    parser.add_argument("--task-ends", type=int, default=TWO_HOURS, help="two hours of a thousand a second where it is not given")
    parser.add_argument("--log", type=Path, help="replay the task ends of this event log instead of running a job")
    parser.add_argument("--spark-home", type=jars_of, default=None, help="of the Spark to run on; the installed one where it is not given")
    options = parser.parse_args(args)
    if not is_current():
        build()
    jars = options.spark_home or find_spark_jars()
    with plain_log(options.log) as log:
        measured = submit(jars, [jar_path()], "bench.LongStream", CONF, str(options.task_ends), "{scratch}/spool", NOBODY_LISTENS, log)
    rows = [_row(collector, measured[mode]) for mode, collector in COLLECTORS.items()]
    notes = (
        "MiB after collections, each after the first sixth of the stream and the most after any later one; own is what the listener's "
        "classes, long[] and byte[] hold, Spark's and the JVM's own arrays among them; without a collector the spool of 64 MiB fills up, "
        "and what comes then is dropped and counted"
    )
    _print(rows, notes)
    return {
        "figures": {
            "task_ends": measured["live"]["events"],
            "events_dropped_with_collector": measured["dropped"],
            "heap_growth_mib_max": max(round(row["heap_mib_later"] - row["heap_mib_first"], 1) for row in rows),
            "own_growth_mib_max": max(round(row["own_mib_later"] - row["own_mib_first"], 1) for row in rows),
        },
        "rows": rows,
        "notes": notes,
    }


def _row(collector: str, stream: dict[str, Any]) -> dict[str, Any]:
    row: dict[str, Any] = {"collector": collector, "task_ends": stream["events"]}
    for name in ("heap", "own"):
        first, *later = (round(sample / 2**20, 1) for sample in stream[f"{name}_bytes"])
        row |= {f"{name}_mib_first": first, f"{name}_mib_later": max(later)}
    return row


def _print(rows: Sequence[dict[str, Any]], notes: str) -> None:
    table = Table(title="What the listener holds of the heap", caption=notes)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "collector" else "right")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, (int, float)) else value for value in row.values()))
    Console().print(table)
