"""Starts the driver in which applications run one after another, and follows it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tests.jvm.spark_releases import Spark
from tests.truth.kept_runs import KeptRuns
from tests.truth.labels import Label
from tests.truth.store_jar import store_jar
from tests.truth.tables import table_folder

REPOSITORY = Path(__file__).resolve().parents[2]
SCRIPT = Path(__file__).parent / "driver" / "run_labels.py"
DRIVER_MEMORY = "6g"
JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC -XX:MetaspaceSize=256m"
"""Of driver and executors: sleeping tasks need no optimising compiler, so that a start takes less; and collections that only make room for
classes would show as garbage collection of the first application."""


class DriverDied(RuntimeError):
    """The driver ended before its applications did."""


def run_labels(spark: Spark, labels: Sequence[Label], kept: KeptRuns, java_options: str = JAVA_OPTIONS) -> Iterator[Label]:
    """Runs the labels, and yields each once it has ended and is kept. Local ones have a driver of their own, to leave others nothing."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description:<34.34}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, refresh_per_second=1, disable=not console.is_terminal) as progress:
        bar = progress.add_task("starting Spark", total=len(labels))
        for group in ([x for x in labels if x.local], [x for x in labels if not x.local]):
            if not group:
                continue
            for event in _events(spark, group, kept, java_options):
                if event["event"] == "started":
                    progress.update(bar, description=event["name"])
                elif event["event"] == "ended":
                    progress.advance(bar)
                    outcome = f"failed: {event['error'].strip().splitlines()[-1][:200]}" if event["error"] else "ran"
                    console.print(f"{event['name']:<44} {event['took_s']:>7.1f} s  {outcome}", highlight=False)
                    yield next(label for label in group if label.name == event["name"])


def _events(spark: Spark, labels: Sequence[Label], kept: KeptRuns, java_options: str) -> Any:
    tables = {"scratch": str(kept.cache / "written")}
    specs = []
    for label in labels:
        spec = {**label.run_spec(), "fingerprint": label.fingerprint}
        spec["tables"] = {}
        for name, table in label.tables.items():
            shape = {key: value for key, value in table.items() if key != "in"}
            folder = str(table_folder(shape, kept.cache))
            tables[folder] = folder
            spec["tables"][name] = {"folder": folder, "in": table.get("in", "store")}
        specs.append(spec)
    with tempfile.TemporaryDirectory(prefix="sparkledger-truth-") as scratch, (kept.folder / "driver.log").open("a") as log:
        plan = Path(scratch) / "plan.json"
        plan.write_text(json.dumps({"kept": str(kept.folder), "tables": tables, "labels": specs, "executor_java_options": java_options}))
        jar = str(store_jar(spark.home, kept.folder))
        options = [
            "--driver-memory",
            DRIVER_MEMORY,
            "--driver-java-options",
            java_options,
            "--driver-class-path",
            jar,
            "--conf",
            f"spark.executor.extraClassPath={jar}",
        ]
        quiet = ["--conf", "spark.log.level=WARN"]
        command = [str(spark.home / "bin" / "spark-submit"), *options, *quiet, str(SCRIPT), str(plan)]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=_environ(spark), start_new_session=True, cwd=scratch
        )
        try:
            assert process.stdout is not None
            for line in process.stdout:
                with suppress(json.JSONDecodeError):
                    event = json.loads(line)
                    yield event
                    if event["event"] == "done":
                        return  # Threads of a cluster that ended may keep the JVM alive.
            raise DriverDied(f"Spark's driver ended with status {process.wait()}\n\nhint: see {log.name}; what has ended is kept")
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _environ(spark: Spark) -> dict[str, str]:
    return {
        **os.environ,
        "SPARK_HOME": str(spark.home),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": spark.python,
        "PYSPARK_DRIVER_PYTHON": spark.python,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }
