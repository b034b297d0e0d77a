"""Two collectors before one ClickHouse: whatever each is sent is there once, and both tell the same."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from collector.storage.opening import open_unmigrated
from tests.support.processes import clickhouse_shim, running_server
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

BATCHES = 8


def post(url: str, app_id: str, seq: int, body: bytes) -> None:
    headers = {**NDJSON, "X-Sparkledger-App-Id": app_id, "X-Sparkledger-Source": "listener", "X-Sparkledger-Batch-Seq": str(seq)}
    response = httpx.post(f"{url}/api/v1/events", content=body, headers=headers, timeout=900, trust_env=False)
    assert response.status_code == 200, response.text


def get(url: str, path: str) -> Any:
    response = httpx.get(f"{url}/api/v1{path}", timeout=900, trust_env=False)
    assert response.status_code == 200, response.text
    return response.json()


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_two_collectors_share_one_server(tmp_path: Path) -> None:
    with clickhouse_shim(tmp_path / "shim") as port:
        store_url = f"clickhouse://127.0.0.1:{port}/ledger"
        environment = {"SPARKLEDGER_STORE_URL": store_url}
        with running_server(tmp_path / "one", environment) as one, running_server(tmp_path / "two", environment) as two:
            bodies = [lines(application_start("app-both"))]
            bodies += [lines(task_ends(5, first_task_id=number * 5)) for number in range(BATCHES)]
            bodies += [lines(application_end())]
            # Each batch goes to one collector, and again to the other, as a load balancer and a listener's retry would have it.
            with ThreadPoolExecutor(4) as pool:
                for url in (one.url, two.url):
                    list(pool.map(lambda numbered, url=url: post(url, "app-both", *numbered), enumerate(bodies, start=1)))
            known = [get(server.url, "/applications/app-both") for server in (one, two)]
            # Both analyse the same run at once.
            with ThreadPoolExecutor(2) as pool:
                findings = list(pool.map(lambda server: get(server.url, "/applications/app-both/findings"), (one, two)))
            detail = get(two.url, "/applications/app-both/completeness")
        with open_unmigrated(store_url) as store:
            tasks = store.rows("SELECT count() AS n, uniqExact(task_id) AS distinct FROM tasks FINAL")
            profiles = store.rows("SELECT count() AS n FROM application_profiles FINAL")
    assert tasks == [{"n": 5 * BATCHES, "distinct": 5 * BATCHES}]
    assert profiles == [{"n": 1}]
    for shown in known:
        assert (shown["state"], shown["work"]["task_ends"], shown["completeness"]["missing_batches"]) == ("ended", 5 * BATCHES, 0)
    assert findings[0] == findings[1]
    assert [(delivery["batches"], delivery["gaps"]) for delivery in detail["deliveries"]] == [(len(bodies), [])]
