"""Acknowledged means durable: a collector that is killed again and again loses nothing that it has answered for."""

from __future__ import annotations

import os
import random
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from collector.storage import Store, open_store
from tests.support.processes import ServerProcess, running_server
from tests.support.rows import MIDNIGHT_MS
from tests.support.wire import NDJSON, application_start, lines, task_ends

KILLS = int(os.environ.get("SPARKLEDGER_TEST_KILLS", "6"))
"""`SPARKLEDGER_TEST_KILLS=50` is the long form."""
SENDERS = 3
TASKS_A_BATCH = 40

TASKS_BY_BATCH = f"""
SELECT app_id, intDiv(task_id, {TASKS_A_BATCH}) + 1 AS seq, count() AS tasks
FROM tasks FINAL
GROUP BY app_id, seq
ORDER BY app_id, seq
"""
ONE_ROW_A_BATCH = {
    "ingest_batches": "SELECT app_id, seq FROM ingest_batches FINAL",
    "executors": "SELECT app_id, toUInt64(executor_id) AS seq FROM executors FINAL",
    "jobs": "SELECT app_id, toUInt64(job_id) AS seq FROM jobs FINAL",
}
TOTALS = """
SELECT
  (SELECT count() FROM tasks FINAL) AS tasks,
  (SELECT count() FROM ingest_batches FINAL) AS batches,
  (SELECT count() FROM applications FINAL) AS applications,
  (SELECT count() FROM executors FINAL) AS executors,
  (SELECT count() FROM jobs FINAL) AS jobs
"""


def post_batch(client: httpx.Client, app_id: str, seq: int) -> httpx.Response:
    """One batch with rows of four tables."""
    executor = {"Event": "SparkListenerExecutorAdded", "Timestamp": MIDNIGHT_MS, "Executor ID": str(seq)}
    job = {"Event": "SparkListenerJobStart", "Job ID": seq, "Submission Time": MIDNIGHT_MS}
    tasks = task_ends(TASKS_A_BATCH, first_task_id=(seq - 1) * TASKS_A_BATCH)
    body = lines(application_start(app_id), executor, job, tasks)
    headers = {**NDJSON, "X-Sparkledger-App-Id": app_id, "X-Sparkledger-Source": "listener", "X-Sparkledger-Batch-Seq": str(seq)}
    return client.post("/api/v1/events", content=body, headers=headers)


@dataclass
class Sender(threading.Thread):
    """Sends one application's batches one after the other until the collector is gone."""

    url: str
    app_id: str
    acknowledged: list[int] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    def __hash__(self) -> int:
        return id(self)

    def run(self) -> None:
        with httpx.Client(base_url=self.url, timeout=300) as client:
            for seq in range(1, 10_000):
                try:
                    response = post_batch(client, self.app_id, seq)
                except httpx.TransportError:
                    return
                if response.status_code != 200:
                    self.refused.append(response.text)
                    return
                self.acknowledged.append(seq)


def totals(store: Store) -> dict[str, int]:
    return store.rows(TOTALS)[0]


@pytest.mark.slow
@pytest.mark.timeout(600 + 60 * KILLS)
def test_no_acknowledged_batch_is_lost_or_doubled_when_the_collector_is_killed(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    chance = random.Random(20261123)
    acknowledged: set[tuple[str, int]] = set()
    for turn in range(KILLS):
        server = ServerProcess(data_dir)
        senders = [Sender(server.url, f"app-{turn}-{number}") for number in range(SENDERS)]
        for sender in senders:
            sender.start()
        while not any(sender.acknowledged for sender in senders) and any(sender.is_alive() for sender in senders):
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 1.5))
        server.kill()
        for sender in senders:
            sender.join(timeout=600)
            assert sender.refused == []
        acknowledged |= {(sender.app_id, seq) for sender in senders for seq in sender.acknowledged}
    assert len(acknowledged) > KILLS

    with open_store(data_dir) as store:
        whole = {(row["app_id"], row["seq"]) for row in store.rows(TASKS_BY_BATCH) if row["tasks"] == TASKS_A_BATCH}
        rows = {table: [(row["app_id"], row["seq"]) for row in store.rows(sql)] for table, sql in ONE_ROW_A_BATCH.items()}
        over = [row for row in store.rows(TASKS_BY_BATCH) if row["tasks"] > TASKS_A_BATCH]
        before = totals(store)
    recorded = set(rows["ingest_batches"])
    assert acknowledged - whole == set()
    assert recorded - whole == set()
    assert over == []
    for table, batches in rows.items():
        assert len(batches) == len(set(batches)), table
        assert acknowledged - set(batches) == set(), table
        assert recorded - set(batches) == set(), table

    with running_server(data_dir) as server, httpx.Client(base_url=server.url, timeout=300) as client:
        for app_id, seq in chance.sample(sorted(recorded), 10):
            assert post_batch(client, app_id, seq).status_code == 200
        assert server.stop() == 0
    with open_store(data_dir) as store:
        assert totals(store) == before
