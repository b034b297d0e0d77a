"""Importing event logs: decoding alone, beside other JSON readers, and decoding with inserting end to end.

`python -m bench import [LOG] [MEGABYTES]`: the log (a local Spark run's where none is named) is repeated with new task ids up to the size.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from collector.eventlog import decode, find_identity
from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import LogSource, find_logs
from collector.importing import StoreCatalog, import_paths
from collector.storage import open_store
from collector.storage.writer import Writer

DEFAULT_MEGABYTES = 300
_TASK_ID = re.compile(rb'"Task ID":(\d+)')
_TASK_EVENT = re.compile(rb'\{"Event":"SparkListenerTask(?:Start|End)"')
_TASK_END = b'{"Event":"SparkListenerTaskEnd"'


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure and print. `args`: a log's path and a size in megabytes, both optional, in any order."""
    sizes = [int(arg) for arg in args if arg.isdigit()]
    paths = [Path(arg) for arg in args if not arg.isdigit()]
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as folder:
        base = paths[0] if paths else _alone(partial(spark_log, Path(folder) / "spark"))
        log = Path(folder) / "log"
        task_ends = repeat(base, log, (sizes[0] if sizes else DEFAULT_MEGABYTES) * 1_000_000)
        size_bytes = log.stat().st_size
        rows = [_row(name, measure, log, task_ends) for name, measure in MEASURES.items()]
        if importlib.util.find_spec("orjson"):
            rows.append(_row("orjson to objects", partial(to_objects, "orjson"), log, task_ends))
    notes = (
        f"{size_bytes / 1e6:.0f} MB of log, {task_ends:,} task ends; rates of the inserting row are of wall time, the others of CPU time"
    )
    _show(rows, notes)
    return {"figures": {row["what"]: row["task_ends_a_second"] for row in rows}, "rows": rows, "notes": notes}


def spark_log(folder: Path) -> Path:
    """The event log of a local Spark run with joins, shuffles and a few thousand tasks."""
    from pyspark.sql import SparkSession, functions

    folder.mkdir()
    settings: dict[str, bool | float | int | str | None] = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
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


def repeat(base: Path, log: Path, size_bytes: int) -> int:
    """Write `base` to `log`, then its task events again and again with new task ids; returns the number of task ends."""
    (source,) = find_logs(base)
    lines = b"".join(source.chunks(StreamState())).splitlines(keepends=True)
    tasks = [line for line in lines if _TASK_EVENT.match(line)]
    next_id = 1 + max(int(found[1]) for line in tasks if (found := _TASK_ID.search(line)))
    repetitions = 0
    with log.open("wb") as out:
        out.writelines(lines)
        while out.tell() < size_bytes:
            repetitions += 1
            out.writelines(_shifted(tasks, repetitions * next_id))
    return sum(line.startswith(_TASK_END) for line in tasks) * (1 + repetitions)


def _shifted(lines: list[bytes], offset: int) -> Iterator[bytes]:
    return (_TASK_ID.sub(lambda found: b'"Task ID":%d' % (int(found[1]) + offset), line, count=1) for line in lines)


def read_lines(log: Path) -> float:
    """Reading and splitting alone, which no reader can avoid. Like every measure it returns the seconds that count."""
    started = time.process_time()
    for chunk in _chunks(log):
        chunk.split(b"\n")
    return time.process_time() - started


def decode_to_arrow(log: Path) -> float:
    """Our decoder, in the chunks of an import."""
    started = time.process_time()
    identity = None
    for chunk in _chunks(log):
        identity = identity or find_identity(chunk)
        decode(chunk, identity)
    return time.process_time() - started


def decode_and_insert(log: Path) -> float:
    """An import into a new embedded store, on the wall clock until all is durable."""
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as folder, open_store(Path(folder) / "store") as store:
        writer = Writer(store)
        started = time.perf_counter()
        import_paths([log], writer, StoreCatalog(store))
        seconds = time.perf_counter() - started
        writer.close()
    return seconds


def to_objects(module: str, log: Path) -> float:
    """A JSON reader with a `loads`, to Python objects and no further."""
    loads = importlib.import_module(module).loads
    started = time.process_time()
    for chunk in _chunks(log):
        for line in chunk.splitlines():
            loads(line)
    return time.process_time() - started


MEASURES: dict[str, Callable[[Path], float]] = {
    "read lines": read_lines,
    "decode to Arrow": decode_to_arrow,
    "decode and insert": decode_and_insert,
    "json to objects": partial(to_objects, "json"),
}


def _chunks(log: Path) -> Iterator[bytes]:
    return LogSource(log, (log,)).chunks(StreamState())


def _row(name: str, measure: Callable[[Path], float], log: Path, task_ends: int) -> dict[str, Any]:
    seconds, cpu_s, peak_rss_mb = _alone(partial(_measured, partial(measure, log)))
    return {
        "what": name,
        "seconds": round(seconds, 2),
        "cpu_s": round(cpu_s, 2),
        "mb_a_second": round(log.stat().st_size / 1e6 / seconds),
        "task_ends_a_second": round(task_ends / seconds),
        "peak_rss_mb": round(peak_rss_mb),
    }


def _measured(work: Callable[[], float]) -> tuple[float, float, float]:
    started = time.process_time()
    seconds = work()
    return seconds, time.process_time() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _alone(work: Callable[[], Any]) -> Any:
    """Run in a process of its own, so that memory is its own and the engine is never forked."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(work).result()


def _show(rows: list[dict[str, Any]], notes: str) -> None:
    table = Table(title="Importing event logs", caption=notes)
    for name in rows[0]:
        table.add_column(name.replace("_", " "), justify="left" if name == "what" else "right")
    for row in rows:
        table.add_row(*(f"{value:,}" if isinstance(value, (int, float)) else value for value in row.values()))
    Console(stderr=True).print(table)
