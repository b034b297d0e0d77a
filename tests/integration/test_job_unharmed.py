"""A real job with the printed flags, and a real collector that is killed before, during or after it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import pyspark
import pytest

from collector.storage import open_store
from sparkledger.demo.spark_submit import printed_flags
from tests.support.processes import ServerProcess, running_server

JOB = Path(__file__).parent / "jobs" / "meets_a_dying_collector.py"
SPARK_HOME = Path(pyspark.__file__).parent
STATUS = 3
FIRST_TASKS = 9
"""Of the job's first part; the second has six and those that sort."""
FLUSH_BUDGET_S = 10.0
"""The listener's default `flush.timeout`."""
STOP_S = 15.0
"""For Spark itself to stop on a busy machine."""
PATIENCE_S = 1200.0
STORED = """
SELECT
  (SELECT sum(events) FROM ingest_batches FINAL) AS events,
  (SELECT count() FROM tasks FINAL) AS tasks,
  (SELECT countIf(event = 'end') FROM applications FINAL) AS ends
"""

pytestmark = pytest.mark.spark


@dataclass(frozen=True)
class Run:
    """How the job ended and what the listener said in the driver's log."""

    status: int
    stdout: str
    stop_s: float
    log: str

    def figure(self, pattern: str) -> int:
        """The number that the listener's log names."""
        found = re.search(pattern, self.log)
        assert found, f"`{pattern}` is not in the listener's log:\n{self.log}"
        return int(found[1])


def submit(folder: Path, flags: Sequence[str], at_the_point: Callable[[], None] = lambda: None) -> Run:
    """Run the job; `at_the_point` is called while it waits between its two parts."""
    folder.mkdir()
    command = [str(SPARK_HOME / "bin" / "spark-submit"), "--master", "local[2]", "--conf", "spark.ui.enabled=false", *flags]
    command += ["--conf", f"spark.sparkledger.spool.dir={folder / 'spool'}"]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        driver = subprocess.Popen([*command, str(JOB), str(STATUS), str(folder)], env=environment(), stdout=out, stderr=err)
        wait_for((folder / "reached").exists)
        at_the_point()
        (folder / "go").touch()
        status = driver.wait(timeout=900)
    said = [line for line in (folder / "stderr").read_text().splitlines() if "sparkledger: " in line]
    return Run(status, (folder / "stdout").read_text(), float((folder / "stop_s").read_text()), "\n".join(said))


def environment() -> Mapping[str, str]:
    """The driver's; PySpark's own warnings would come out on stdout."""
    return os.environ | {
        "SPARK_HOME": str(SPARK_HOME),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
        "PYTHONWARNINGS": "ignore",
    }


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S:g} s"
        time.sleep(0.05)


def events_arrived(url: str) -> bool:
    """Whether the collector has taken in more than the start of an application."""
    metrics = httpx.get(f"{url}/metrics", timeout=300).text
    found = re.search(r"^sparkledger_ingest_events_total (\S+)$", metrics, re.MULTILINE)
    return found is not None and float(found[1]) > 5


def imported(folder: Path, data: Path) -> dict[str, int]:
    """What is in the store once what the job left on disk is imported."""
    command = [sys.executable, "-m", "sparkledger", "--data", str(data), "import", str(folder / "spool")]
    subprocess.run(command, check=True, capture_output=True)
    return stored(data)


def stored(data: Path) -> dict[str, int]:
    with open_store(data) as store:
        return store.rows(STORED)[0]


def assert_whole(kept: Mapping[str, int]) -> None:
    """All of the run is in the store: each of its tasks, and its end."""
    assert kept["tasks"] >= FIRST_TASKS + 6
    assert kept["ends"] == 1


@pytest.fixture(scope="module")
def without(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """The job without the flags."""
    run = submit(tmp_path_factory.mktemp("plain") / "run", [])
    assert (run.status, run.log) == (STATUS, "")
    assert run.stdout.count("\n") == 2
    return run


def test_a_collector_that_is_gone_before_the_job(tmp_path: Path, without: Run) -> None:
    server = ServerProcess(tmp_path / "data")
    server.kill()
    run = submit(tmp_path / "run", printed_flags(server.url))
    assert (run.status, run.stdout) == (without.status, without.stdout)
    assert run.stop_s < FLUSH_BUDGET_S + STOP_S
    assert run.figure(r"delivered (\d+) events") == 0
    assert run.figure(r"(\d+) wait in") > 20
    assert stored(tmp_path / "data")["tasks"] == 0
    assert_whole(imported(tmp_path / "run", tmp_path / "data"))


def test_a_collector_that_dies_during_the_job(tmp_path: Path, without: Run) -> None:
    with running_server(tmp_path / "data") as server:

        def die() -> None:
            wait_for(lambda: events_arrived(server.url))
            server.kill()

        run = submit(tmp_path / "run", printed_flags(server.url), die)
    assert (run.status, run.stdout) == (without.status, without.stdout)
    assert run.stop_s < FLUSH_BUDGET_S + STOP_S
    assert run.figure(r"(\d+) wait in") > 0
    kept = stored(tmp_path / "data")
    # A batch may be in the store although the kill took its answer with it; never the other way round.
    assert kept["events"] >= run.figure(r"delivered (\d+) events") > 5
    assert kept["tasks"] <= FIRST_TASKS
    assert kept["ends"] == 0
    assert_whole(imported(tmp_path / "run", tmp_path / "data"))


def test_a_collector_that_dies_after_the_job(tmp_path: Path, without: Run) -> None:
    with running_server(tmp_path / "data") as server:
        run = submit(tmp_path / "run", printed_flags(server.url))
        server.kill()
    assert (run.status, run.stdout) == (without.status, without.stdout)
    assert "none are missing" in run.log
    kept = stored(tmp_path / "data")
    assert kept["events"] >= run.figure(r"delivered (\d+) events")
    assert_whole(kept)
