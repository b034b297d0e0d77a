"""Block lines as the listener sends them: a local Spark run with the listener on, and its requests kept.

`recorded` runs it; `for_application` makes the same lines those of another application, with task ids of their own.
"""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from collector.eventlog.fields import REASON, TASK_FIELDS
from listener.build import build, find_spark_jars, is_current
from listener.conf import flags

_BLOCK = b'{"Event":"SparkledgerTaskEnds"'
_JOB = """
from pyspark.sql import SparkSession, functions
spark = SparkSession.builder.appName("live").getOrCreate()
left = spark.range(0, 200_000, 1, 200).withColumn("key", functions.col("id") % 1000)
for _ in range(4):
    left.groupBy("key").count().join(left, "key").groupBy("count").sum("id").collect()
spark.stop()
"""
_CONF = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.sql.shuffle.partitions": "1000",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.rpc.askTimeout": "600s",
    "spark.log.level": "ERROR",
}


def recorded(folder: Path) -> list[dict[str, Any]]:
    """Block lines, decoded from JSON, of a Spark run with joins and shuffles; some thousand task ends."""
    if not is_current():
        build()
    bodies: list[bytes] = []
    with ThreadingHTTPServer(("127.0.0.1", 0), _keeping(bodies)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        _run_job(folder, f"http://127.0.0.1:{server.server_address[1]}")
        server.shutdown()
    lines = [line for body in bodies for line in body.splitlines() if line.startswith(_BLOCK)]
    if not lines:
        raise RuntimeError("the listener sent no block line: see the job's output above")
    return [json.loads(line) for line in lines]


def logged(log: Path) -> list[dict[str, Any]]:
    """One block line of the task ends of an event log (plain or gzip), decoded from JSON."""
    plain = gzip.decompress(log.read_bytes()) if log.suffix == ".gz" else log.read_bytes()
    events = [json.loads(line) for line in plain.splitlines() if line.startswith(b'{"Event":"SparkListenerTaskEnd"')]
    rows = [{f.block_column: _at(event, f.path) for f in TASK_FIELDS} | {REASON: event["Task End Reason"]["Reason"]} for event in events]
    return [_block(rows)]


def of_size(blocks: Sequence[dict[str, Any]], task_ends: int) -> dict[str, Any]:
    """One block of exactly `task_ends` rows, put together from recorded ones in turn."""
    rows: list[dict[str, Any]] = []
    while len(rows) < task_ends:
        rows += [row for block in blocks for row in _rows(block)]
    return _block(rows[:task_ends])


def for_application(block: dict[str, Any], number: int) -> bytes:
    """The line with task ids and times of the `number`-th batch of one application."""
    own = dict(block)
    own["Task ID"] = {"base": number * block["Count"], "delta": list(range(block["Count"]))}
    own["Index"] = {"base": 0, "delta": list(range(block["Count"]))}
    return json.dumps(own, separators=(",", ":")).encode() + b"\n"


def _at(event: dict[str, Any], path: Sequence[str]) -> Any:
    value: Any = event
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return int(value) if isinstance(value, bool) else value if value is not None else 0


def _rows(block: dict[str, Any]) -> Iterator[dict[str, Any]]:
    count = block["Count"]
    columns = {name: _values(column, count) for name, column in block.items() if name not in ("Event", "Count")}
    for place in range(count):
        yield {name: values[place] for name, values in columns.items()}


def _values(column: Any, count: int) -> list[Any]:
    if isinstance(column, list):
        return column
    if "all" in column:
        return [column["all"]] * count
    if "idx" in column:
        return [column["dict"][index] for index in column["idx"]]
    return [column["base"] + delta for delta in column["delta"]]


def _block(rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Rows as the listener packs them: one value for all, a dictionary for texts, a base with differences for times."""
    block: dict[str, Any] = {"Event": "SparkledgerTaskEnds", "Count": len(rows)}
    for name in dict.fromkeys(name for row in rows for name in row):
        values = [row.get(name, 0) for row in rows]
        if not any(values):
            continue
        if len(set(values)) == 1:
            block[name] = {"all": values[0]}
        elif any(isinstance(value, str) for value in values):
            entries = list(dict.fromkeys(str(value) for value in values))
            block[name] = {"dict": entries, "idx": [entries.index(str(value)) for value in values]}
        else:
            base = min(values)
            block[name] = values if base == 0 else {"base": base, "delta": [value - base for value in values]}
    return block


def _run_job(folder: Path, url: str) -> None:
    script = folder / "live_job.py"
    script.write_text(_JOB)
    spark_submit = find_spark_jars().parent / "bin" / "spark-submit"
    conf = {**_CONF, **flags(url), "spark.pyspark.python": sys.executable}
    arguments = [argument for key, value in conf.items() for argument in ("--conf", f"{key}={value}")]
    subprocess.run(
        [str(spark_submit), "--master", "local[2]", *arguments, str(script)],
        check=True,
        cwd=folder,
        env={**os.environ, "SPARK_LOCAL_IP": "127.0.0.1"},
    )


def _keeping(bodies: list[bytes]) -> type[BaseHTTPRequestHandler]:
    class Keeping(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            bodies.append(gzip.decompress(body) if self.headers.get("Content-Encoding") == "gzip" else body)
            answer = b'{"events": 0}'
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent: the benchmark prints a table."""

    return Keeping
