"""Live ingest: applications post compressed block lines over HTTP into a durable embedded store, on this machine's cores together.

Each application has one batch under way, as a listener has. A batch counts when it is acknowledged, that is on disk and synced.
CPU shares are of the server's process: its main thread is HTTP, decoding is measured around the decoder, and the rest is the
engine: inserting, merging, syncing.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from bench.live_blocks import for_application, logged, of_size, recorded
from collector.storage import open_store
from sparkledger.demo.server_process import running_server
from sparkledger.server_file import read_server_file

WARM_UP_S = 3.0
"""The first seconds import libraries and open files; they are left out."""


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure and print. Returns `figures`, `rows` and `notes`."""
    parser = argparse.ArgumentParser(prog="python -m bench live", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="of load")
    parser.add_argument("--applications", type=int, default=40)
    parser.add_argument("--batch", type=int, default=2000, help="task ends of a batch; a second's worth of a busy application")
    parser.add_argument("--log", type=Path, help="pack the task ends of this event log instead of running Spark with the listener")
    options = parser.parse_args(args)
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as scratch:
        folder = Path(scratch)
        blocks = logged(options.log) if options.log else recorded(folder)
        bodies = _write_bodies(folder / "bodies", of_size(blocks, options.batch), options.seconds)
        seen = _measure(folder, options.seconds, options.applications)
        _check(folder / "data", len(seen["acknowledged"]) * options.batch)
    rows, figures = _figures(seen, options.batch, bodies)
    notes = (
        f"{options.applications} applications, batches of {options.batch:,} task ends, {bodies / options.batch:.0f} bytes a task end "
        f"on the wire (gzip), {options.seconds:g} s of which the first {WARM_UP_S:g} are left out; fsync on; load generator, HTTP, "
        "decoder and engine share the cores"
    )
    _print(rows, figures, notes)
    return {"figures": figures, "rows": rows, "notes": notes}


def _write_bodies(folder: Path, block: dict[str, Any], seconds: float) -> float:
    """Prepared bodies, enough for the time at four batches a second each; their mean size in bytes."""
    folder.mkdir()
    sizes = []
    for number in range(max(20, int(4 * seconds))):
        body = gzip.compress(for_application(block, number), 6)
        (folder / f"{number:06d}").write_bytes(body)
        sizes.append(len(body))
    return sum(sizes) / len(sizes)


def _measure(folder: Path, seconds: float, applications: int) -> dict[str, Any]:
    data = folder / "data"
    with running_server(data, 0, {}) as url:
        running = read_server_file(data)
        assert running is not None
        load = [sys.executable, "-m", "bench.live_load", url, str(seconds), str(applications), str(folder / "bodies")]
        with subprocess.Popen(load, stdout=subprocess.PIPE, text=True) as process:
            time.sleep(WARM_UP_S)
            before = _usage(url, running.pid)
            time.sleep(max(0.0, seconds - WARM_UP_S))
            after = _usage(url, running.pid)
            output = process.communicate()[0]
    seen: dict[str, Any] = json.loads(output)
    if seen["failed"]:
        raise RuntimeError(f"{len(seen['failed'])} batches were refused, first {seen['failed'][0]}")
    seen["used"] = {name: after[name] - before[name] for name in before}
    return seen


def _usage(url: str, pid: int) -> dict[str, float]:
    """What the server has used so far: seconds of CPU by part, and rounds and rows of its writer."""
    text = httpx.get(f"{url}/metrics", timeout=60).text

    def metric(name: str) -> float:
        found = re.search(rf"^{name} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    ticks = os.sysconf("SC_CLK_TCK")
    main_thread = Path(f"/proc/{pid}/task/{pid}/stat").read_text().rpartition(")")[2].split()
    return {
        "at_s": time.monotonic(),
        "process": metric("process_cpu_seconds_total"),
        "http": (int(main_thread[11]) + int(main_thread[12])) / ticks,
        "decode": metric("sparkledger_decode_cpu_seconds_total"),
        "rounds": metric("sparkledger_insert_seconds_count"),
        "rows": metric("sparkledger_insert_rows_total"),
    }


def _check(data: Path, task_ends: int) -> None:
    """Every acknowledged task end is there once."""
    with open_store(data) as store:
        found = store.rows("SELECT count() AS n FROM tasks FINAL")[0]["n"]
    if found != task_ends:
        raise RuntimeError(f"{task_ends:,} task ends were acknowledged, {found:,} are in the store")


def _figures(seen: dict[str, Any], batch: int, body_bytes: float) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    used = seen["used"]
    measured = [waited_s for at_s, waited_s in seen["acknowledged"] if at_s >= WARM_UP_S]
    seconds = max(at_s for at_s, _ in seen["acknowledged"]) - WARM_UP_S
    cuts = quantiles(measured, n=100)
    engine = used["process"] - used["http"] - used["decode"]
    load_cores = seen["cpu_s"] / seen["wall_s"]
    events = len(measured) * batch
    rows = [
        {"part": part, "cpu_us_a_task_end": round(cpu_s * 1e6 / max(used["rows"], 1), 2), "share": round(cpu_s / used["process"], 3)}
        for part, cpu_s in (("HTTP", used["http"]), ("decode", used["decode"]), ("insert", engine))
    ]
    figures = {
        "task_events_per_s": round(events / seconds),
        "ack_p50_ms": round(cuts[49] * 1000),
        "ack_p99_ms": round(cuts[98] * 1000),
        "http_share": rows[0]["share"],
        "decode_share": rows[1]["share"],
        "insert_share": rows[2]["share"],
        "server_cores_used": round(used["process"] / used["at_s"], 2),
        "load_generator_cores_used": round(load_cores, 2),
        # Of server and load generator together; what a machine does that gives them its cores whole.
        "task_events_per_cpu_s": round(used["rows"] / (used["process"] + load_cores * used["at_s"])),
        "rows_an_insert": round(used["rows"] / max(used["rounds"], 1)),
        "wire_mb_per_s": round(events / batch * body_bytes / seconds / 1e6, 2),
        "batches_pushed_back": seen["pushed_back"],
    }
    return rows, figures


def _print(rows: list[dict[str, Any]], figures: dict[str, Any], notes: str) -> None:
    table = Table(title=f"{figures['task_events_per_s']:,} task ends a second, acknowledged within {figures['ack_p99_ms']:,} ms (p99)")
    table.caption = notes
    table.add_column("part of the server's CPU")
    for name in ("µs a task end", "share"):
        table.add_column(name, justify="right")
    for row in rows:
        table.add_row(row["part"], f"{row['cpu_us_a_task_end']:.2f}", f"{row['share']:.1%}")
    Console().print(table)
    Console().print(figures)
