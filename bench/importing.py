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

from bench.history_server import history_server_s
from bench.peers import Reader, available
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
        "is done when its REST API lists every stage, memory of imports is that of all processes (PSS), of others the largest process's"
    )
    _show(rows, notes)
    seconds_by_reader(PLOTS / "import.svg", [(row["what"], row["seconds"]) for row in rows])
    if points:
        cost_curve(PLOTS / "import-cost.svg", points)
    return {"figures": figures, "rows": rows, "curve": points, "notes": notes}


def _rows(replica: Replica, folder: Path) -> Iterator[dict[str, Any]]:
    seconds, memory_mib = import_s(replica.path, folder)
    yield _row(OURS, replica, seconds, memory_mib)
    yield _row("our decoder alone, one process, to Arrow", replica, *_alone(partial(_measured, decode_to_arrow, replica)))
    app_id = _app_id(replica.path)
    for what, on_disk in HISTORY_SERVERS.items():
        yield _row(what, replica, history_server_s(replica, app_id, folder, on_disk=on_disk), None)
    for what, reader in available().items():
        yield _row(what, replica, *_alone(partial(_measured, reader, replica)))


def _figures(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    by_name = {row["what"]: row for row in rows}
    ours = by_name[OURS]
    others = [row["seconds"] for what, row in by_name.items() if what not in (OURS, *HISTORY_SERVERS) and not what.startswith("our ")]
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


def _row(what: str, replica: Replica, seconds: float, memory_mib: float | None) -> dict[str, Any]:
    return {
        "what": what,
        "seconds": round(seconds, 2),
        "mb_a_second": round(replica.size_bytes / 1e6 / seconds, 1),
        "task_ends_a_second": round(replica.task_ends / seconds),
        "peak_memory_mib": None if memory_mib is None else round(memory_mib),
    }


def _point(replica: Replica, folder: Path) -> dict[str, float]:
    seconds, memory_mib = import_s(replica.path, folder)
    return {
        "tasks": replica.task_ends,
        "megabytes": round(replica.size_bytes / 1e6),
        "seconds": round(seconds, 2),
        "memory_mib": memory_mib,
    }


def _measured(reader: Reader, replica: Replica) -> tuple[float, float]:
    started = time.perf_counter()
    found = reader(replica.path)
    seconds = time.perf_counter() - started
    if found != replica.task_ends:
        raise RuntimeError(f"{reader} found {found} task ends instead of {replica.task_ends}")
    children, own = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN, resource.RUSAGE_SELF))
    return seconds, max(children, own) / 1024


def _alone(work: Callable[[], Any]) -> Any:
    """Run in a process of its own, so that memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work).result()


def _show(rows: list[dict[str, Any]], notes: str) -> None:
    table = Table(title="Importing event logs", caption=notes)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(*("" if value is None else f"{value:,}" if isinstance(value, (int, float)) else value for value in row.values()))
    Console(stderr=True).print(table)
