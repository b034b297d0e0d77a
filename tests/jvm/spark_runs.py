"""Starts real Spark drivers with the listener."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyspark

from listener.conf import LISTENER_CLASS

JOBS = Path(__file__).parent / "jobs"
REPOSITORY = Path(__file__).resolve().parents[2]
SPARK_HOME = Path(pyspark.__file__).parent

QUIET = {
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "3",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}


@dataclass(frozen=True)
class Run:
    """How a driver process ended."""

    status: int
    stdout: str
    stderr: str

    def log(self) -> str:
        """What the listener said in the driver's log."""
        return "\n".join(line for line in self.stderr.splitlines() if "sparkledger: " in line)


def submit(script: str, *arguments: str, jar: Path | None, conf: Mapping[str, str] | None = None, timeout_s: float = 170) -> Run:
    """Runs a script of `jobs/` through spark-submit, with the jar on the class path if there is one."""
    command = [str(SPARK_HOME / "bin" / "spark-submit"), *(("--jars", str(jar)) if jar else ())]
    for key, value in {**QUIET, **(conf or {})}.items():
        command += ["--conf", f"{key}={value}"]
    environ = {
        **os.environ,
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": sys.executable,
        "PYSPARK_DRIVER_PYTHON": sys.executable,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }
    done = subprocess.run(
        [*command, str(JOBS / script), *arguments], capture_output=True, text=True, timeout=timeout_s, check=False, env=environ
    )
    return Run(done.returncode, done.stdout, done.stderr)


def run_contexts(directory: Path, contexts: Sequence[Mapping[str, Any]], jar: Path | None) -> tuple[Run, dict[str, dict[str, Any]]]:
    """Runs contexts one after another in one JVM; returns the process and what it measured of each context."""
    given, measured = directory / "contexts.json", directory / "results.json"
    given.write_text(json.dumps(contexts))
    run = submit("run_contexts.py", str(given), str(measured), jar=jar)
    return run, json.loads(measured.read_text()) if measured.exists() else {}


def listening(url: str, **settings: str) -> dict[str, str]:
    """The properties of a context that is listened to; `flush_timeout` means `spark.sparkledger.flush.timeout`."""
    conf = {f"spark.sparkledger.{name.replace('_', '.')}": value for name, value in settings.items()}
    return {"spark.extraListeners": LISTENER_CLASS, "spark.sparkledger.url": url, **conf}


def logged(directory: Path) -> dict[str, str]:
    """The properties that make Spark write its own event log there, one plain file."""
    directory.mkdir(parents=True, exist_ok=True)
    return {
        "spark.eventLog.enabled": "true",
        "spark.eventLog.dir": str(directory),
        "spark.eventLog.rolling.enabled": "false",
        "spark.eventLog.compress": "false",
        "spark.eventLog.logStageExecutorMetrics": "true",
    }


def logged_events(directory: Path) -> list[dict[str, Any]]:
    """The events of the only log of a directory."""
    (log,) = directory.iterdir()
    return [json.loads(line) for line in log.read_text().splitlines()]


def logged_task_ids(directory: Path) -> list[int]:
    """The task of each task end in the only event log of a directory."""
    return [event["Task Info"]["Task ID"] for event in logged_events(directory) if event["Event"] == "SparkListenerTaskEnd"]
