"""Starts real Spark drivers with the listener."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pyspark

from listener.conf import LISTENER_CLASS

JOBS = Path(__file__).parent / "jobs"
REPOSITORY = Path(__file__).resolve().parents[2]
SPARK_HOME = Path(os.environ.get("SPARKLEDGER_TEST_SPARK_HOME", Path(pyspark.__file__).parent))
PYTHON = os.environ.get("SPARKLEDGER_TEST_PYTHON", sys.executable)

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
        # Spark 3.3 logs to standard output when it is started by spark-submit.
        return "\n".join(line for line in (self.stderr + self.stdout).splitlines() if "sparkledger: " in line)


@dataclass(frozen=True)
class Driver:
    """A driver that runs beside the test."""

    process: subprocess.Popen[str]
    out: IO[str]
    err: IO[str]

    def ended(self, timeout_s: float = 1200) -> Run:
        """Waits for it to end by itself."""
        status = self.process.wait(timeout_s)
        self.out.seek(0)
        self.err.seek(0)
        return Run(status, self.out.read(), self.err.read())


def submit(
    script: str, *arguments: str, jar: Path | None, conf: Mapping[str, str] | None = None, environ: Mapping[str, str] | None = None
) -> Run:
    """Runs a script of `jobs/` through spark-submit, with the jar on the class path if there is one."""
    command, usual = _command(script, arguments, jar, conf or {})
    done = subprocess.run(command, capture_output=True, text=True, timeout=1500, check=False, env={**usual, **(environ or {})})
    return Run(done.returncode, done.stdout, done.stderr)


@contextmanager
def submitted(script: str, *arguments: str, jar: Path | None, conf: Mapping[str, str]) -> Iterator[Driver]:
    """A driver that runs beside the test; it is killed with all that it started where it is left running."""
    command, environ = _command(script, arguments, jar, conf)
    # Files, since a pipe that nobody reads would stop the driver.
    with TemporaryFile("w+") as out, TemporaryFile("w+") as err:
        driver = subprocess.Popen(command, text=True, env=environ, start_new_session=True, stdout=out, stderr=err)
        try:
            yield Driver(driver, out, err)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(driver.pid, signal.SIGKILL)
            driver.wait()


def wait_until(happened: Callable[[], bool], timeout_s: float = 900) -> None:
    """Returns as soon as it happened; fails where it does not."""
    deadline = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def _command(script: str, arguments: Sequence[str], jar: Path | None, conf: Mapping[str, str]) -> tuple[list[str], dict[str, str]]:
    command = [str(SPARK_HOME / "bin" / "spark-submit"), *(("--jars", str(jar)) if jar else ())]
    for key, value in {**QUIET, **conf}.items():
        command += ["--conf", f"{key}={value}"]
    environ = {
        **os.environ,
        "SPARK_HOME": str(SPARK_HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYSPARK_PYTHON": PYTHON,
        "PYSPARK_DRIVER_PYTHON": PYTHON,
        "PYTHONPATH": str(REPOSITORY),
        "PYTHONWARNINGS": "ignore",
    }
    return [*command, str(JOBS / script), *arguments], environ


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


def spooled_lines(folder: Path) -> list[dict[str, Any]]:
    """The lines of a spool, without the header that repeats the application's start."""
    parts = sorted(folder.iterdir(), key=lambda path: int(path.name.split("_")[1]))
    return [json.loads(line) for part in parts if not part.name.startswith("events_0_") for line in part.read_text().splitlines()]
