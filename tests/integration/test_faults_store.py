"""The store in trouble under a running collector: what was acknowledged stays, the rest is told to come again."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from collector.storage import open_store
from tests.support.processes import clickhouse_shim, running_server
from tests.support.wire import NDJSON, application_start, lines, task_ends

TASKS_A_BATCH = 200
WHOLE = f"""
SELECT intDiv(task_id, {TASKS_A_BATCH}) + 1 AS seq, count() AS tasks FROM tasks FINAL GROUP BY seq ORDER BY seq
"""


def post(url: str, seq: int) -> httpx.Response:
    body = lines(application_start("app-fault"), task_ends(TASKS_A_BATCH, first_task_id=(seq - 1) * TASKS_A_BATCH))
    headers = {**NDJSON, "X-Sparkledger-App-Id": "app-fault", "X-Sparkledger-Source": "listener", "X-Sparkledger-Batch-Seq": str(seq)}
    return httpx.post(f"{url}/api/v1/events", content=body, headers=headers, timeout=900)


def assert_unavailable(answer: httpx.Response) -> None:
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable"), answer.text
    assert int(answer.headers["Retry-After"]) >= 1


@contextmanager
def small_disk(path: Path, mebibytes: int) -> Iterator[Path]:
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_a_disk_that_fills_up_under_the_collector(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        with running_server(disk / "data") as server:
            assert post(server.url, 1).status_code == 200
            (disk / "ballast").write_bytes(b"\0" * shutil.disk_usage(disk).free)
            assert_unavailable(post(server.url, 2))
            assert httpx.get(f"{server.url}/healthz", timeout=600).status_code == 200
            (disk / "ballast").unlink()
            assert [post(server.url, seq).status_code for seq in (2, 3)] == [200, 200]
            assert server.stop() == 0
        with open_store(disk / "data") as store:
            assert [(row["seq"], row["tasks"]) for row in store.rows(WHOLE)] == [(seq, TASKS_A_BATCH) for seq in (1, 2, 3)]


def test_a_disk_that_becomes_read_only_under_the_collector(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        with running_server(disk / "data") as server:
            assert post(server.url, 1).status_code == 200
            # Files are open for writing, so the kernel refuses to remount the disk; it does freeze folders that are bound.
            frozen = [disk / "data" / name for name in ("db", "tmp")]
            for folder in frozen:
                subprocess.run(["mount", "--bind", str(folder), str(folder)], check=True)
                subprocess.run(["mount", "-o", "remount,ro,bind", str(folder)], check=True)
            try:
                assert_unavailable(post(server.url, 2))
            finally:
                for folder in reversed(frozen):
                    subprocess.run(["umount", "--lazy", str(folder)], check=True)
            assert [post(server.url, seq).status_code for seq in (2, 3)] == [200, 200]
            assert server.stop() == 0
        with open_store(disk / "data") as store:
            assert [(row["seq"], row["tasks"]) for row in store.rows(WHOLE)] == [(seq, TASKS_A_BATCH) for seq in (1, 2, 3)]


@dataclass
class Sender:
    """Sends batch after batch, each until it is acknowledged."""

    acknowledged: list[int] = field(default_factory=list)
    refused: int = 0
    _stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, url: str) -> None:
        seq = 1
        while not self._stopping.is_set():
            answer = post(url, seq)
            if answer.status_code == 200:
                self.acknowledged.append(seq)
                seq += 1
            else:
                assert_unavailable(answer)
                self.refused += 1
                time.sleep(0.5)

    @contextmanager
    def sending(self, url: str) -> Iterator[None]:
        thread = threading.Thread(target=self.run, args=(url,))
        thread.start()
        try:
            yield
        finally:
            self._stopping.set()
            thread.join(timeout=900)


@pytest.mark.slow
def test_a_server_store_that_is_away_for_a_while(tmp_path: Path) -> None:
    sender = Sender()
    with ExitStack() as store_is_there:
        port = store_is_there.enter_context(clickhouse_shim(tmp_path / "shim"))
        store_url = f"clickhouse://127.0.0.1:{port}/ledger"
        with running_server(tmp_path / "data", {"SPARKLEDGER_STORE_URL": store_url}) as server:
            with sender.sending(server.url):
                _wait_until(lambda: len(sender.acknowledged) >= 3)
                store_is_there.close()
                _wait_until(lambda: sender.refused >= 5)
                assert httpx.get(f"{server.url}/healthz", timeout=600).status_code == 200
                before = len(sender.acknowledged)
                store_is_there.enter_context(clickhouse_shim(tmp_path / "shim", port))
                _wait_until(lambda: len(sender.acknowledged) >= before + 3)
            assert server.stop() == 0
        with open_store(store_url) as store:
            rows = store.rows(WHOLE)
    assert set(sender.acknowledged) <= {row["seq"] for row in rows if row["tasks"] == TASKS_A_BATCH}
    assert [row["seq"] for row in rows if row["tasks"] > TASKS_A_BATCH] == []


def _wait_until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 900
    while not done():
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.2)
