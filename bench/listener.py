"""What a task end costs the driver: the listener's callback beside that of Spark's own event log.

One JVM runs a real SQL job with shuffles, keeps its task ends as Spark made them, and replays them to both in turn after warm-up; or it
reads them from an event log with Spark's own reader.
Figures are medians over passes of thread CPU time and of bytes allocated, divided by the number of events. Spark's side is its
`EventLoggingListener` with the settings of a Spark that was told nothing, writing to a local disk; ours is the callback alone, and what the
sender thread adds is a figure of its own. Bytes out are those of request bodies and of the log's files. Listeners of other projects take
part where their jars can be had; what they do with other events is not measured.

Then a job of tiny tasks runs without the listener, with it, and with it and no collector, in turns: ratios of wall time are medians over
rounds, each round's runs divided by its run without. At last the task ends are replayed as often as hours of work would bring them, while
the heap is sampled after collections.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.peer_listeners import available
from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import find_logs
from listener.build import build, find_javac, find_spark_jars, is_current
from listener.conf import jar_path

HARNESS = Path(__file__).parent / "jvm"
CONF = {
    "spark.master": "local[2]",
    "spark.app.name": "task end replay",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.extraListeners": "bench.CapturingListener",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.log.level": "ERROR",
    "spark.network.timeout": "600s",
    "spark.rpc.askTimeout": "600s",
}


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
    parser.add_argument("--stream-events", type=int, default=7_200_000, help="two hours of a thousand a second; 0 leaves it out")
    parser.add_argument(
        "--spark-home",
        type=_jars_of,
        action="append",
        help="of a Spark to replay on; may be repeated, the first also runs the job and the stream",
    )
    parser.add_argument("--log", type=Path, help="replay the task ends of this event log instead of running a job")
    options = parser.parse_args(args)
    if not is_current():
        build()
    conf = CONF | {"spark.sql.shuffle.partitions": str(options.partitions)}
    sparks = options.spark_home or [find_spark_jars()]
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {}
    with _plain(options.log) as log:
        for jars in sparks:
            measured = _replay(jars, conf, options.warm_ups, options.passes, log)
            rows += measured
            figures |= _replay_figures(measured, "" if jars == sparks[0] else f"_on_spark_{measured[0]['spark'].replace('.', '_')}")
        if options.rounds:
            figures |= _job_figures(sparks[0], conf, options.tasks, options.rounds)
        if options.stream_events:
            figures |= _memory_figures(sparks[0], conf, options.stream_events, log)
    origin = "an event log" if options.log else f"one SQL job of {10 * options.partitions:,} tasks"
    notes = (
        f"Task ends of {origin}, {options.warm_ups} passes to warm up, medians of {options.passes} "
        "passes; of other listeners what they do with a task end alone"
    )
    _print(rows, notes)
    return {"figures": figures, "rows": rows, "notes": notes}


def _jars_of(spark_home: str) -> Path:
    """The jars of a Spark that was named: another than that one must not be measured in its place."""
    jars = Path(spark_home).resolve() / "jars"
    if not any(jars.glob("spark-core_*.jar")):
        raise argparse.ArgumentTypeError(f"`{spark_home}` is no Spark's home: no spark-core jar in its `jars`")
    return jars


@contextmanager
def _plain(log: Path | None) -> Iterator[str]:
    """The path of the log's lines without compression, or nothing where there is none."""
    if log is None:
        yield ""
        return
    (source,) = find_logs(log)
    with tempfile.NamedTemporaryFile(prefix="sparkledger-bench-") as file:
        for chunk in source.chunks(StreamState()):
            file.write(chunk)
        file.flush()
        yield file.name


def _replay(jars: Path, conf: Mapping[str, str], warm_ups: int, passes: int, log: str) -> list[dict[str, Any]]:
    """A row for each part, on one Spark."""
    scala_version, spark_version = _versions(jars)
    peers = available(scala_version)
    names = ",".join(peer.class_name for peer, _ in peers)
    with_peers = [jar_path(), *(jar for _, jar in peers)]
    measured = _submit(jars, with_peers, "bench.ReplayTaskEnds", conf, str(warm_ups), str(passes), "{scratch}/event-log", names, log)
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
    wall = _submit(jars, [jar_path()], "bench.TinyTasks", alone, str(tasks), str(rounds), "{scratch}/spool", "http://127.0.0.1:9")

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


def _memory_figures(jars: Path, conf: Mapping[str, str], events: int, log: str) -> dict[str, Any]:
    """The heap over a long stream: after the first sixth, and the greatest of the later samples."""
    streams = _submit(jars, [jar_path()], "bench.LongStream", conf, str(events), "{scratch}/spool", "http://127.0.0.1:9", log)
    figures: dict[str, Any] = {"stream_task_ends": streams["live"]["events"], "stream_events_dropped": streams["dropped"]}
    for mode in ("live", "dead"):
        for name in ("heap", "own"):
            first, *later = (round(sample / 2**20, 1) for sample in streams[mode][f"{name}_bytes"])
            figures[f"stream_{mode}_{name}_mib"] = [first, max(later)]
    return figures


def _versions(jars: Path) -> tuple[str, str]:
    """Of Scala and of Spark, as the names of Spark's jars have them."""
    found = next(filter(None, (re.fullmatch(r"spark-core_([\d.]+)-([\d.]+)\.jar", path.name) for path in jars.iterdir())), None)
    if found is None:
        raise ValueError(f"no jar of Spark's core in `{jars}`")
    return found[1], found[2]


def _submit(jars: Path, with_jars: Sequence[Path], main: str, conf: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """What one program of the harness measured on the Spark of those jars; `{scratch}` in an argument is a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as scratch:
        harness, result = _harness(Path(scratch), jars), Path(scratch) / "result.json"
        command = [str(jars.parent / "bin" / "spark-submit"), "--class", main, "--jars", ",".join(map(str, with_jars))]
        for key, value in conf.items():
            command += ["--conf", f"{key}={value}"]
        placed = [argument.replace("{scratch}", scratch) for argument in arguments]
        subprocess.run([*command, str(harness), str(result), *placed], check=True, cwd=scratch, env=_environment(jars))
        measured: dict[str, Any] = json.loads(result.read_text())
        return measured


def _environment(jars: Path) -> dict[str, str]:
    return {**os.environ, "SPARK_HOME": str(jars.parent), "SPARK_LOCAL_IP": "127.0.0.1"}


def _harness(scratch: Path, jars: Path) -> Path:
    """Compiles the Java of the bench into a jar."""
    classes, jar = scratch / "classes", scratch / "bench.jar"
    sources = sorted(map(str, HARNESS.glob("*.java")))
    path = f"{jars}/*:{jar_path()}"
    subprocess.run([str(find_javac()), "-nowarn", "-proc:none", "-Xlint:none", "-cp", path, "-d", str(classes), *sources], check=True)
    with zipfile.ZipFile(jar, "w") as archive:
        for compiled in sorted(classes.rglob("*.class")):
            archive.write(compiled, compiled.relative_to(classes).as_posix())
    return jar


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
        row("listener sender thread", measured["sender_cpu_ns"], None, measured["wire_bytes"]),
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
