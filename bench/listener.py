"""What a task end costs the driver: the listener's callback beside that of Spark's own event log.

One JVM runs a real SQL job with shuffles, keeps its task ends as Spark made them, and replays them to both in turn after warm-up; or it
reads them from an event log with Spark's own reader.
Figures are medians over passes of thread CPU time and of bytes allocated, divided by the number of events. Spark's side is its
`EventLoggingListener` with the settings of a Spark that was told nothing, writing to a local disk; ours is the callback alone, and what
the sender and the thread that posts for it add is a figure of its own. Bytes out are those of request bodies and of the log's files.
Listeners of other projects take part where their jars can be had; what they do with other events is not measured.

Then a job of tiny tasks runs without the listener, with it, and with it and no collector, in turns: ratios of wall time are medians over
rounds, each round's runs divided by its run without.
"""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.peer_listeners import available
from bench.spark_programs import CONF, NOBODY_LISTENS, jars_of, plain_log, submit
from listener.build import build, find_spark_jars, is_current
from listener.conf import jar_path


def run(args: Sequence[str]) -> dict[str, Any]:
    """Runs the replay; `--warm-ups` and `--passes` say how often. Returns `figures`, `rows` and `notes`."""
    parser = argparse.ArgumentParser(prog="python -m bench listener", description=__doc__)
    parser.add_argument("--warm-ups", type=int, default=12)
    parser.add_argument("--passes", type=int, default=15)
    parser.add_argument(
        "--partitions", type=int, default=400, help="of the job whose task ends are replayed; it has ten times as many tasks"
    )
    parser.add_argument("--tasks", type=int, default=100_000, help="of the job of tiny tasks")
    parser.add_argument("--rounds", type=int, default=5, help="of that job; 0 leaves it out")
    parser.add_argument("--job-of", type=Path, help="an earlier record, to take its figures of that job instead of running it again")
    parser.add_argument(
        "--spark-home",
        type=jars_of,
        action="append",
        help="of a Spark to replay on; may be repeated, the first also runs the job",
    )
    parser.add_argument("--log", type=Path, help="replay the task ends of this event log instead of running a job")
    options = parser.parse_args(args)
    if not is_current():
        build()
    conf = CONF | {"spark.sql.shuffle.partitions": str(options.partitions)}
    sparks = options.spark_home or [find_spark_jars()]
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {}
    with plain_log(options.log) as log:
        for jars in sparks:
            measured = _replay(jars, conf, options.warm_ups, options.passes, log)
            rows += measured
            figures |= _replay_figures(measured, "" if jars == sparks[0] else f"_on_spark_{measured[0]['spark'].replace('.', '_')}")
        if options.rounds and not options.job_of:
            figures |= _job_figures(sparks[0], conf, options.tasks, options.rounds)
    origin = "an event log" if options.log else f"one SQL job of {10 * options.partitions:,} tasks"
    notes = (
        f"Task ends of {origin}, {options.warm_ups} passes to warm up, medians of {options.passes} "
        "passes; of other listeners what they do with a task end alone"
    )
    if options.job_of:
        earlier = json.loads(options.job_of.read_text())
        figures |= {name: value for name, value in earlier["figures"].items() if name.startswith("job_") or name == "events_dropped"}
        notes += f"; figures of the job are those of an earlier run on {earlier['date']}, {earlier['figures']['job_rounds']} rounds"
    _print(rows, notes)
    return {"figures": figures, "rows": rows, "notes": notes}


def _replay(jars: Path, conf: Mapping[str, str], warm_ups: int, passes: int, log: str) -> list[dict[str, Any]]:
    """A row for each part, on one Spark."""
    scala_version, spark_version = _versions(jars)
    peers = available(scala_version)
    names = ",".join(peer.class_name for peer, _ in peers)
    with_peers = [jar_path(), *(jar for _, jar in peers)]
    measured = submit(jars, with_peers, "bench.ReplayTaskEnds", conf, str(warm_ups), str(passes), "{scratch}/event-log", names, log)
    return [{"spark": spark_version, **row} for row in _rows(measured, [peer.name for peer, _ in peers])]


def _replay_figures(rows: Sequence[Mapping[str, Any]], suffix: str) -> dict[str, Any]:
    ours, sender, log, *_ = rows
    figures = {
        "cpu_ratio_to_event_log": round(ours["cpu_us"] / log["cpu_us"], 4),
        "alloc_ratio_to_event_log": round(ours["allocated_bytes"] / log["allocated_bytes"], 5),
        "wire_bytes_per_task": ours["bytes_out"],
        "cpu_us_per_task_end": ours["cpu_us"],
        "sender_cpu_us_per_task_end": sender["cpu_us"],
        "event_log_cpu_us_per_task_end": log["cpu_us"],
        "event_log_bytes_per_task": log["bytes_out"],
    }
    return {f"{name}{suffix}": value for name, value in figures.items()}


def _job_figures(jars: Path, conf: Mapping[str, str], tasks: int, rounds: int) -> dict[str, Any]:
    """Wall time of a job of tiny tasks relative to the same job alone, and what was lost of its events."""
    alone = {key: value for key, value in conf.items() if key != "spark.extraListeners"}
    wall = submit(jars, [jar_path()], "bench.TinyTasks", alone, str(tasks), str(rounds), "{scratch}/spool", NOBODY_LISTENS)

    def ratio(mode: str) -> float:
        return round(float(median(with_it / alone for with_it, alone in zip(wall[mode], wall["without"], strict=True))), 4)

    return {
        "job_tasks": tasks,
        "job_rounds": rounds,
        "job_wall_s_without": [round(ns / 1e9, 2) for ns in wall["without"]],
        "job_wall_ratio": ratio("with"),
        "job_wall_ratio_dead_collector": ratio("dead"),
        "events_dropped": wall["dropped"],
    }


def _versions(jars: Path) -> tuple[str, str]:
    """Of Scala and of Spark, as the names of Spark's jars have them."""
    found = next(filter(None, (re.fullmatch(r"spark-core_([\d.]+)-([\d.]+)\.jar", path.name) for path in jars.iterdir())), None)
    if found is None:
        raise ValueError(f"no jar of Spark's core in `{jars}`")
    return found[1], found[2]


def _rows(measured: dict[str, Any], peers: Sequence[str]) -> list[dict[str, Any]]:
    """One row a part: who, microseconds of CPU, bytes allocated, bytes out, each for one task end."""
    events = measured["events"]

    def row(part: str, cpu_ns: list[int], allocated: list[int] | None, bytes_out: float | None) -> dict[str, Any]:
        low, _, high = quantiles(cpu_ns, n=4)
        return {
            "part": part,
            "cpu_us": round(median(cpu_ns) / events / 1000, 3),
            "cpu_us_quartiles": [round(low / events / 1000, 3), round(high / events / 1000, 3)],
            "allocated_bytes": None if allocated is None else round(median(allocated) / events, 1),
            "bytes_out": None if bytes_out is None else round(bytes_out / events, 1),
        }

    return [
        row("listener callback", measured["listener_cpu_ns"], measured["listener_bytes"], measured["wire_bytes"]),
        row("listener delivery threads", measured["sender_cpu_ns"], None, measured["wire_bytes"]),
        row("Spark's event log", measured["log_cpu_ns"], measured["log_bytes"], measured["log_file_bytes"]),
        *(row(name, peer["cpu_ns"], peer["bytes"], None) for name, peer in zip(peers, measured["peers"], strict=True)),
    ]


def _print(rows: list[dict[str, Any]], notes: str) -> None:
    table = Table(title="What a task end costs the driver", caption=notes)
    for name in ("Spark", "part"):
        table.add_column(name)
    for name in ("CPU, µs", "quartiles, µs", "allocated, B", "out, B"):
        table.add_column(name, justify="right")
    for row in rows:
        low, high = row["cpu_us_quartiles"]
        allocated, out = ("" if value is None else f"{value:,.1f}" for value in (row["allocated_bytes"], row["bytes_out"]))
        table.add_row(row["spark"], row["part"], f"{row['cpu_us']:.2f}", f"{low:.2f} to {high:.2f}", allocated, out)
    Console().print(table)
