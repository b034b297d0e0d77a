"""Other readers of Spark's event logs, as far as they can be run here: each takes a log and returns the number of task ends."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

Reader = Callable[[Path], int]

_TASK_END = "SparkListenerTaskEnd"
_METRICS = ("Executor Run Time", "Executor CPU Time", "JVM GC Time", "Memory Bytes Spilled", "Disk Bytes Spilled", "Result Size")
_INFO = ("Task ID", "Index", "Attempt", "Launch Time", "Finish Time", "Executor ID", "Host", "Locality")


def duckdb_table(log: Path) -> int:
    """DuckDB: a table of 15 fields of every task end, by its JSON functions."""
    duckdb = importlib.import_module("duckdb")
    fields = ['$."Stage ID"', *(f'$."Task Info"."{name}"' for name in _INFO), *(f'$."Task Metrics"."{name}"' for name in _METRICS)]
    paths = ", ".join(f"'{field}'" for field in fields)
    with duckdb.connect() as database:
        database.execute("SET threads = 2; SET preserve_insertion_order = false")
        database.execute(
            f"CREATE TABLE tasks AS SELECT json_extract_string(json, [{paths}]) AS fields "
            "FROM read_ndjson_objects(?, format = 'newline_delimited', maximum_object_size = 100000000) "
            f"WHERE json->>'Event' = '{_TASK_END}'",
            [str(log)],
        )
        return int(database.execute("SELECT count() FROM tasks").fetchone()[0])


def jq_lines(log: Path) -> int:
    """jq: six fields of every task end as tab-separated values."""
    program = (
        f'select(.Event == "{_TASK_END}") | [."Stage ID", ."Task Info"."Task ID", ."Task Info"."Launch Time", ."Task Info"."Finish Time", '
        '."Task Metrics"."Executor Run Time", ."Task Metrics"."Executor CPU Time"] | @tsv'
    )
    done = subprocess.run(["jq", "-r", program, str(log)], check=True, capture_output=True)
    return done.stdout.count(b"\n")


def json_objects(log: Path) -> int:
    """Python's own json to objects, which is where a parser in plain Python begins."""
    with log.open("rb") as file:
        return sum(json.loads(line)["Event"] == _TASK_END for line in file)


def available() -> dict[str, Reader]:
    """The readers that are installed, by what the table calls them."""
    readers: dict[str, Reader] = {"json.loads, a line": json_objects}
    if importlib.util.find_spec("duckdb"):
        readers["DuckDB to a table"] = duckdb_table
    if shutil.which("jq"):
        readers["jq to a table"] = jq_lines
    return readers
