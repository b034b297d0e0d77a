"""What cannot be delivered goes to disk, comes back in order, and is bounded; a disk in trouble leaves the job alone."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from collector.storage import open_store
from tests.jvm.recording_collector import Answer, RecordingCollector, dead_url, task_ids
from tests.jvm.spark_runs import (
    Run,
    listening,
    logged,
    logged_events,
    logged_task_ids,
    run_contexts,
    spooled_lines,
    submitted,
    wait_until,
)
from tests.jvm.test_faults import NOT_CARRIED

pytestmark = pytest.mark.spark

OUTCOME = re.compile(
    r"delivered (\d+) events to [^;\s]+(?:; (\d+) wait in (\S+), which `sparkledger import` reads)?(?:; (\d+) could not be)?"
)


def rounds(directory: Path) -> int:
    """How many rounds a job of `rounds.py` has done."""
    done = directory / "round"
    return int(done.read_text()) if done.exists() else 0


def spool_folder(spool: Path) -> Path | None:
    """The folder of the only application that has one."""
    return next(spool.iterdir(), None) if spool.exists() else None


def spooled_tasks(spool: Path) -> set[int]:
    """Tasks whose ends are in whole lines on disk."""
    folder = spool_folder(spool)
    text = "".join(part.read_text() for part in folder.glob("events_*")) if folder else ""
    return set(task_ids(json.loads(line) for line in text.splitlines(keepends=True) if line.endswith("\n")))


def jobs(lines: Iterable[dict[str, Any]]) -> list[tuple[str, int]]:
    """Starts and ends of jobs in their order; one thread of Spark's posts them all."""
    return [(line["Event"], line["Job ID"]) for line in lines if line["Event"] in ("SparkListenerJobStart", "SparkListenerJobEnd")]


def outcome(run: Run) -> tuple[int, int, int]:
    """Events delivered, left on disk and lost, as the last line of the driver's log says."""
    found = OUTCOME.findall(run.log())
    assert len(found) == 1, run.stderr[-4000:]
    return tuple(int(found[0][part] or 0) for part in (0, 1, 3))  # type: ignore[return-value]


def counted(lines: Iterable[dict[str, Any]]) -> Counter[str]:
    """How many events of each kind lines hold, of those that the stream carries; a block counts as its task ends."""
    counts: Counter[str] = Counter()
    for line in lines:
        name = line["Event"].rpartition(".")[2]
        if name not in NOT_CARRIED:
            counts["SparkListenerTaskEnd" if name == "SparkledgerTaskEnds" else name] += line.get("Count", 1)
    return counts


def carried(log: Path) -> int:
    """How many events of Spark's own log the stream carries."""
    return counted(logged_events(log)).total()


def local(tmp: Path, url: str, **settings: str) -> dict[str, str]:
    """A local master, the listener, a spool below the test's directory and Spark's own log."""
    given = {"batch_interval": "50ms", "spool_dir": str(tmp / "spool"), **settings}
    return {"spark.master": "local[2]", **listening(url, **given), **logged(tmp / "log")}


def test_a_collector_that_dies_and_comes_back_gets_everything_once_and_in_order(tmp_path: Path, jar: Path) -> None:
    before = RecordingCollector()
    with submitted("rounds.py", str(tmp_path), jar=jar, conf=local(tmp_path, before.url)) as driver:
        with before:
            wait_until(lambda: len(before.accepted) > 3)
        dead_at = rounds(tmp_path)
        wait_until(lambda: rounds(tmp_path) > dead_at + 3 and spooled_tasks(tmp_path / "spool") != set())
        with RecordingCollector(port=before.port) as after:
            wait_until(lambda: len(after.accepted) > 5)
            (tmp_path / "stop").touch()
            run = driver.ended()
            assert (run.status, run.stdout) == (0, "done\n"), run.stderr[-4000:]
            both = {request.seq: request for request in [*before.accepted, *after.accepted]}
    lines = [line for seq in sorted(both) for line in both[seq].lines]
    assert sorted(both) == list(range(1, len(both) + 1))
    assert sorted(task_ids(lines)) == sorted(logged_task_ids(tmp_path / "log"))
    assert jobs(lines) == jobs(logged_events(tmp_path / "log"))
    assert outcome(run) == (carried(tmp_path / "log"), 0, 0)
    assert "accepts events again" in run.log()
    assert spool_folder(tmp_path / "spool") is None


def test_a_driver_killed_at_once_leaves_a_spool_that_import_reads(tmp_path: Path, jar: Path) -> None:
    spool = tmp_path / "spool"
    with submitted("rounds.py", str(tmp_path), jar=jar, conf=local(tmp_path, dead_url())) as driver:
        wait_until(lambda: len(spooled_tasks(spool)) > 40)
        driver.process.send_signal(signal.SIGKILL)
        assert driver.ended().status == -signal.SIGKILL
    left = spooled_tasks(spool)
    command = [sys.executable, "-m", "sparkledger", "--data", str(tmp_path / "data"), "import", str(spool), "--json"]
    for again in (False, True):
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        (imported,) = [json.loads(line) for line in printed.splitlines()]
        assert imported["already_imported"] is again
    with open_store(str(tmp_path / "data")) as store:
        stored = store.rows("SELECT app_id, task_id FROM tasks FINAL")
        (started,) = store.rows("SELECT app_id FROM applications FINAL WHERE event = 'start'")
    assert {row["task_id"] for row in stored} == left
    assert {row["app_id"] for row in stored} == {started["app_id"]} == {imported["app_id"]}


def test_a_jvm_that_user_code_ends_keeps_its_status_and_its_events(tmp_path: Path, jar: Path) -> None:
    (tmp_path / "exit").touch()
    with RecordingCollector() as collector, submitted("rounds.py", str(tmp_path), jar=jar, conf=local(tmp_path, collector.url)) as driver:
        run = driver.ended()
    with submitted("rounds.py", str(tmp_path), jar=None, conf={"spark.master": "local[2]"}) as driver:
        alone = driver.ended()
    assert (run.status, run.stdout) == (alone.status, alone.stdout)
    assert run.stdout == "leaving\n"
    assert sorted(collector.task_ids()) == sorted(logged_task_ids(tmp_path / "log"))
    assert len(collector.events("SparkListenerApplicationEnd")) == 1


def test_the_oldest_task_ends_go_first_when_the_spool_is_full(tmp_path: Path, jar: Path) -> None:
    conf = {**listening(dead_url(), batch_interval="50ms", flush_timeout="1s", spool_dir=str(tmp_path / "spool"), spool_bytes="300k")}
    context = {"name": "capped", "tasks": 6_000, "conf": {**conf, **logged(tmp_path / "log")}}
    run, measured = run_contexts(tmp_path, [context], jar)
    assert (run.status, run.stdout) == (0, "capped 60000\n"), run.stderr[-4000:]
    delivered, spooled, lost = outcome(run)
    assert delivered == 0
    assert lost > 0
    assert spooled + lost == carried(tmp_path / "log")
    folder = tmp_path / "spool" / f"eventlog_v2_{measured['capped']['app_id']}"
    assert sum(part.stat().st_size for part in folder.iterdir()) <= 300 * 1024
    lines = spooled_lines(folder)
    kept, all_tasks = set(task_ids(lines)), logged_task_ids(tmp_path / "log")
    assert len(all_tasks) - len(kept) == lost
    assert max(kept) == max(all_tasks)
    assert min(kept) > min(all_tasks)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 256 KiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", disk], check=False).returncode != 0:
        pytest.skip("mounting a small file system takes root")
    yield disk
    subprocess.run(["umount", disk], check=True)


def test_a_full_disk_leaves_the_job_alone_and_every_event_is_counted(tmp_path: Path, small_disk: Path, jar: Path) -> None:
    settings = {"batch_interval": "50ms", "flush_timeout": "1s", "buffer_bytes": "1m"}
    conf = {**listening(dead_url(), spool_dir=str(small_disk / "spool"), **settings), **logged(tmp_path / "log")}
    run, measured = run_contexts(tmp_path, [{"name": "full", "tasks": 40, "large_stages": 12, "conf": conf}], jar)
    assert (run.status, run.stdout) == (0, "full 400\n"), run.stderr[-4000:]
    assert "cannot spool to disk, so events wait in memory" in run.log()
    delivered, spooled, lost = outcome(run)
    assert delivered == 0
    assert lost > 0
    assert spooled + lost == carried(tmp_path / "log")
    assert len(spooled_lines(small_disk / "spool" / f"eventlog_v2_{measured['full']['app_id']}")) <= spooled


@pytest.mark.parametrize("kind", ["below a file", "read-only"])
def test_a_spool_that_cannot_be_written_is_done_without(tmp_path: Path, kind: str, jar: Path) -> None:
    (tmp_path / "file").touch()
    place = {"below a file": tmp_path / "file" / "spool", "read-only": Path("/proc/spool")}[kind]
    recovered = RecordingCollector(lambda _, number: Answer(500) if number <= 3 else Answer())
    with recovered:
        conf = {**listening(recovered.url, spool_dir=str(place)), **logged(tmp_path / "log")}
        run, _ = run_contexts(tmp_path, [{"name": "memory", "tasks": 40, "conf": conf}], jar)
    assert (run.status, run.stdout) == (0, "memory 400\n"), run.stderr[-4000:]
    assert "cannot spool to disk, so events wait in memory" in run.log()
    assert sorted(recovered.task_ids()) == sorted(logged_task_ids(tmp_path / "log"))
    assert outcome(run) == (carried(tmp_path / "log"), 0, 0)
