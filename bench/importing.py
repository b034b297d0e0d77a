"""Importing event logs beside everything else here that reads them, from the start of a process to its last row or answer.

`python -m bench import [LOG] [MEGABYTES] [curve=10000,100000]`: the jobs of the log (a local Spark run's where none is named) are repeated
with ids of their own up to the size. The curve imports logs of so many tasks.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.commands import Command, PeerFailed, PeerUnavailable, reason, run_command
from bench.history_server import HEAP, history_server_s
from bench.peers import PEERS, Peer, Reader
from bench.plots import PLOTS, cost_curve, seconds_by_reader
from bench.process_tree import peak_memory_mib
from bench.replicate import Replica, replicate
from collector.eventlog import decode, find_identity
from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import find_logs

DEFAULT_MEGABYTES = 1000
OURS = "sparkledger import, to durable rows"
HISTORY_SERVERS = {"Spark History Server, in memory": False, "Spark History Server, on RocksDB": True}


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure and print. `args`: a log's path, a size in megabytes and `curve=` with numbers of tasks, all optional."""
    sizes = [int(arg) for arg in args if arg.isdigit()]
    curve = [int(tasks) for arg in args if arg.startswith("curve=") for tasks in arg.removeprefix("curve=").split(",")]
    paths = [Path(arg) for arg in args if not arg.isdigit() and not arg.startswith("curve=")]
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as name:
        folder = Path(name)
        base = paths[0] if paths else _alone(partial(spark_log, folder / "spark"))
        replica = replicate(base, folder / "log", size_bytes=(sizes[0] if sizes else DEFAULT_MEGABYTES) * 1_000_000)
        rows = list(_rows(replica, folder))
        points = [_point(replicate(base, folder / "curve", task_ends=tasks), folder) for tasks in curve]
    figures = _figures(rows)
    notes = (
        f"{replica.size_bytes / 1e6:,.0f} MB of plain log, {replica.task_ends:,} task ends, {replica.stages:,} stages; the History Server "
        "is done when its REST API lists every stage; the ratio is a reader's seconds over ours; memory of programs is that of all their "
        "processes (PSS), of the decoder, json.loads and DuckDB that of one process with all that the benchmark imports"
    )
    _show(rows, notes)
    seconds_by_reader(PLOTS / "import.svg", [(row["what"], row["seconds"]) for row in rows if row["seconds"]])
    if points:
        cost_curve(PLOTS / "import-cost.svg", points)
    return {"figures": figures, "rows": rows, "curve": points, "notes": notes}


def _rows(replica: Replica, folder: Path) -> Iterator[dict[str, Any]]:
    ours_s, memory_mib = import_s(replica.path, folder)
    row = partial(_row, replica, ours_s)
    yield row(OURS, ours_s, memory_mib, "every field of every event, synced to disk")
    seconds, memory_mib = _alone(partial(_checked, decode_to_arrow, replica))
    yield row("our decoder alone, one process, to Arrow", seconds, memory_mib, "every field of every event, in memory")
    app_id = _app_id(replica.path)
    for what, on_disk in HISTORY_SERVERS.items():
        seconds = history_server_s(replica, app_id, folder, on_disk=on_disk)
        yield row(what, seconds, None, f"{HEAP}; every event, answers by REST")
    for peer in PEERS:
        try:
            seconds, memory_mib = _peer(peer, replica, folder)
            yield row(peer.name, seconds, memory_mib, peer.how)
        except PeerUnavailable as why:
            yield _without_figures(peer, f"not run: {reason(why)}")
        except PeerFailed as why:
            yield _without_figures(peer, f"failed: {reason(why)}; {peer.how}")


def _peer(peer: Peer, replica: Replica, folder: Path) -> tuple[float, float]:
    reader = peer.prepare()
    if isinstance(reader, Command):
        found, seconds, memory_mib = run_command(reader, replica.path, folder)
    else:
        try:
            found, seconds, memory_mib = _alone(partial(_measured, reader, replica.path))
        except Exception as error:
            raise PeerFailed(f"{type(error).__name__}: {error}") from error
    if found != replica.task_ends:
        raise PeerFailed(f"it found {found:,} of {replica.task_ends:,} task ends")
    return seconds, memory_mib


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    by_name = {row["what"]: row for row in rows}
    ours = by_name[OURS]
    others = [by_name[peer.name]["seconds"] for peer in PEERS if by_name[peer.name]["seconds"]]
    return {
        "ratio_to_history_server_min": round(min(by_name[what]["seconds"] for what in HISTORY_SERVERS) / ours["seconds"], 2),
        "ratio_to_fastest_peer": round(min(others) / ours["seconds"], 2),
        "mb_per_s": ours["mb_a_second"],
        "task_events_per_s": ours["task_ends_a_second"],
        "peak_rss_mib": ours["peak_memory_mib"],
    }


def import_s(log: Path, folder: Path) -> tuple[float, float]:
    """Seconds of `sparkledger import` into a new store, interpreter's start included, and the peak of all its processes in MiB."""
    with tempfile.TemporaryDirectory(dir=folder) as data:
        started = time.perf_counter()
        command = [sys.executable, "-m", "sparkledger", "--data", data, "import", str(log)]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        peaks: list[float] = []
        sampler = threading.Thread(target=lambda: peaks.append(peak_memory_mib(process)))
        sampler.start()
        _, said = process.communicate()
        seconds = time.perf_counter() - started
        sampler.join()
    if process.returncode:
        raise RuntimeError(f"the import failed: {said}")
    return seconds, peaks[0]


def decode_to_arrow(log: Path) -> int:
    """Our decoder, in the chunks of an import; returns the number of task ends."""
    identity, tasks = None, 0
    (source,) = find_logs(log)
    for chunk in source.chunks(StreamState()):
        identity = identity or find_identity(chunk)
        tables = decode(chunk, identity).tables
        tasks += tables["tasks"].num_rows if "tasks" in tables else 0
    return tasks


def spark_log(folder: Path) -> Path:
    """The event log of a local Spark run with joins, shuffles and a few thousand tasks."""
    from pyspark.sql import SparkSession, functions

    folder.mkdir()
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.network.timeout": "600s",
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": folder.as_uri(),
        "spark.eventLog.compress": "false",
        "spark.eventLog.rolling.enabled": "false",
        "spark.sql.shuffle.partitions": "500",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.autoBroadcastJoinThreshold": "-1",
    }
    spark = SparkSession.builder.master("local[2]").appName("bench").config(map=settings).getOrCreate()
    left = spark.range(0, 200_000, 1, 200).withColumn("key", functions.col("id") % 1000)
    for _ in range(2):
        left.groupBy("key").count().join(left, "key").groupBy("count").sum("id").collect()
    spark.stop()
    return next(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def _app_id(log: Path) -> str:
    (source,) = find_logs(log)
    identity = find_identity(next(source.chunks(StreamState())))
    if identity is None:
        raise ValueError(f"`{log}` does not say whose log it is")
    return identity.app_id


def _row(replica: Replica, ours_s: float, what: str, seconds: float, memory_mib: float | None, how: str) -> dict[str, Any]:
    return {
        "what": what,
        "seconds": round(seconds, 2),
        "ratio": round(seconds / ours_s, 2),
        "mb_a_second": round(replica.size_bytes / 1e6 / seconds, 1),
        "task_ends_a_second": round(replica.task_ends / seconds),
        "peak_memory_mib": None if memory_mib is None else round(memory_mib),
        "how": how,
    }


def _without_figures(peer: Peer, why: str) -> dict[str, Any]:
    figures = ("seconds", "ratio", "mb_a_second", "task_ends_a_second", "peak_memory_mib")
    return {"what": peer.name, **dict.fromkeys(figures), "how": why}


def _point(replica: Replica, folder: Path) -> dict[str, float]:
    seconds, memory_mib = import_s(replica.path, folder)
    return {
        "tasks": replica.task_ends,
        "megabytes": round(replica.size_bytes / 1e6),
        "seconds": round(seconds, 2),
        "memory_mib": memory_mib,
    }


def _checked(reader: Reader, replica: Replica) -> tuple[float, float]:
    found, seconds, memory_mib = _measured(reader, replica.path)
    if found != replica.task_ends:
        raise RuntimeError(f"{reader} found {found} task ends instead of {replica.task_ends}")
    return seconds, memory_mib


def _measured(reader: Reader, log: Path) -> tuple[int, float, float]:
    started = time.perf_counter()
    found = reader(log)
    seconds = time.perf_counter() - started
    return found, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(work: Callable[[], Any]) -> Any:
    """Run in a process of its own, so that memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work).result()


def _show(rows: list[dict[str, Any]], notes: str) -> None:
    table = Table(title="Importing event logs", caption=notes)
    columns = [name for name in rows[0] if name != "how"]
    for name in columns:
        table.add_column(name.replace("_", " "), justify="left" if name == "what" else "right")
    for row in rows:
        values = (row[name] for name in columns)
        table.add_row(*("" if value is None else f"{value:,}" if isinstance(value, (int, float)) else value for value in values))
    console = Console(stderr=True)
    console.print(table)
    for row in rows:
        console.print(f"{row['what']}: {row['how']}", markup=False, highlight=False)
