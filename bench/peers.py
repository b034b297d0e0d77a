"""Other readers of Spark's event logs: what each is asked for, and how it is had. Each says how many task ends it found."""

from __future__ import annotations

import importlib
import importlib.util
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench import nvidia_profiling, spark_advisor
from bench.commands import Command, PeerUnavailable

Reader = Callable[[Path], int]

_TASK_END = "SparkListenerTaskEnd"
_METRICS = ("Executor Run Time", "Executor CPU Time", "JVM GC Time", "Memory Bytes Spilled", "Disk Bytes Spilled", "Result Size")
_INFO = ("Task ID", "Index", "Attempt", "Launch Time", "Finish Time", "Executor ID", "Host", "Locality")
_JQ_PROGRAM = (
    f'select(.Event == "{_TASK_END}") | [."Stage ID", ."Task Info"."Task ID", ."Task Info"."Launch Time", ."Task Info"."Finish Time", '
    '."Task Metrics"."Executor Run Time", ."Task Metrics"."Executor CPU Time"] | @tsv'
)


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


def json_objects(log: Path) -> int:
    """Python's own json to objects, which is where a parser in plain Python begins."""
    with log.open("rb") as file:
        return sum(json.loads(line)["Event"] == _TASK_END for line in file)


def _duckdb() -> Reader:
    if not importlib.util.find_spec("duckdb"):
        raise PeerUnavailable("the package duckdb is not installed")
    return duckdb_table


def _jq() -> Command:
    if not shutil.which("jq"):
        raise PeerUnavailable("jq is not installed")
    return Command(lambda log, _out: ["jq", "-r", _JQ_PROGRAM, str(log)], lambda printed, _out: printed.count("\n"))


@dataclass(frozen=True, slots=True)
class Peer:
    """A reader by what the table calls it."""

    name: str
    how: str
    """The settings that make it quickest, and what it gets done."""
    prepare: Callable[[], Reader | Command]
    """Downloads what is missing, or raises PeerUnavailable. What it returns is timed, a Reader in a process of its own."""


PEERS = (
    Peer("json.loads, a line", "one process; parses, keeps nothing", lambda: json_objects),
    Peer("DuckDB to a table", "2 threads, any order; 15 fields of each task end, in memory", _duckdb),
    Peer("jq to a table", "one process, it has no threads; 6 fields of each task end, as text", _jq),
    Peer(f"spark-advisor {spark_advisor.VERSION}, parser", spark_advisor.HOW, spark_advisor.spark_advisor),
    Peer(f"NVIDIA's profiling tool {nvidia_profiling.VERSION}", nvidia_profiling.HOW, nvidia_profiling.nvidia_profiling),
)
