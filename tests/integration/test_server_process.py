"""The server as a process: it says where it is, refuses a second owner, and stops cleanly."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import httpx
import pytest

from collector.storage import open_store
from sparkledger.server_file import read_server_file
from tests.support.processes import REPOSITORY, SERVE, clean_environment, clickhouse_shim, running_server
from tests.support.wire import NDJSON, application_start, lines, task_ends


def post(url: str, app_id: str, tasks: int = 5) -> httpx.Response:
    body = lines(application_start(app_id), task_ends(tasks))
    return httpx.post(f"{url}/api/v1/events", content=body, headers=NDJSON, timeout=300)


def test_a_running_server_can_be_found_and_a_stopped_one_cannot(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        found = read_server_file(tmp_path / "data")
        assert found is not None
        assert (found.url, found.pid) == (server.url, server.process.pid)
        assert server.stop() == 0
    assert not (tmp_path / "data" / "server.json").exists()


def test_the_note_of_a_killed_server_does_not_count(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        server.kill()
    assert (tmp_path / "data" / "server.json").exists()
    assert read_server_file(tmp_path / "data") is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "nonsense", '{"url": "http://x", "pid": "many"}'])
def test_a_note_that_makes_no_sense_is_no_server(tmp_path: Path, text: str) -> None:
    (tmp_path / "server.json").write_text(text)
    assert read_server_file(tmp_path) is None


def test_a_second_server_on_one_directory_is_told_who_has_it(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        command = [sys.executable, "-c", SERVE, str(tmp_path / "data")]
        second = subprocess.run(command, cwd=REPOSITORY, env=clean_environment(), capture_output=True, text=True)
        assert second.returncode != 0
        assert f"another process owns the store in `{tmp_path / 'data'}` (process {server.process.pid})" in second.stderr
        assert post(server.url, "app-first").status_code == 200
        assert read_server_file(tmp_path / "data") is not None


@pytest.mark.parametrize("signal_number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_under_way_is_finished_before_the_server_stops(tmp_path: Path, signal_number: signal.Signals) -> None:
    with running_server(tmp_path / "data") as server:
        answers: list[int] = []

        def send(number: int) -> None:
            try:
                answers.append(post(server.url, f"app-{number}", 2000).status_code)
            except httpx.TransportError:
                answers.append(0)

        threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        os.kill(server.process.pid, signal_number)
        for thread in threads:
            thread.join()
        assert server.wait() == 0
    assert set(answers) <= {0, 200, 503}
    with open_store(tmp_path / "data") as store:
        stored = {row["app_id"]: row["n"] for row in store.rows("SELECT app_id, count() AS n FROM tasks FINAL GROUP BY app_id")}
        recorded = store.rows("SELECT count() AS n FROM ingest_batches FINAL")[0]["n"]
    assert set(stored.values()) <= {2000}
    assert recorded == len(stored) >= answers.count(200)


def test_logs_are_json_lines_with_the_id_that_the_client_saw(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server:
        answer = httpx.post(f"{server.url}/api/v1/events", content=b"x", headers={"X-Request-Id": "trace-42"}, timeout=300)
        assert answer.status_code == 415
        assert server.stop() == 0
        entries = [json.loads(line) for line in server.log_path.read_text().splitlines()]
    requests = [entry for entry in entries if entry["event"] == "request"]
    assert [(entry["request_id"], entry["status"], entry["path"]) for entry in requests] == [("trace-42", 415, "/api/v1/events")]
    assert all({"timestamp", "level", "logger"} <= entry.keys() for entry in entries)


def test_a_token_guards_the_interface_and_not_the_probes(tmp_path: Path) -> None:
    with running_server(tmp_path / "data", {"SPARKLEDGER_TOKEN": "s3cret-token"}) as server:
        body = lines(application_start("app-token"))
        with httpx.Client(base_url=server.url, timeout=300) as client:
            for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret-token"}):
                answer = client.post("/api/v1/events", content=body, headers={**NDJSON, **headers})
                assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthorized")
                assert answer.headers["WWW-Authenticate"] == "Bearer"
            right = {**NDJSON, "Authorization": "Bearer s3cret-token"}
            assert client.post("/api/v1/events", content=body, headers=right).status_code == 200
            assert [client.get(path).status_code for path in ("/healthz", "/readyz", "/metrics", "/docs")] == [200] * 4
        assert server.stop() == 0
        assert "s3cret-token" not in server.log_path.read_text()


def test_a_store_that_cannot_serve_is_answered_with_503_and_the_batch_comes_through_later(tmp_path: Path) -> None:
    with clickhouse_shim(tmp_path / "shim") as port:
        store_url = f"clickhouse://127.0.0.1:{port}/ledger"
        with running_server(tmp_path / "data", {"SPARKLEDGER_STORE_URL": store_url}) as server:
            for fault in ("unavailable", "commit_then_drop"):
                httpx.post(f"http://127.0.0.1:{port}/__fault", params={"next": fault}, timeout=300)
                answer = post(server.url, "app-retry")
                if answer.status_code != 200:
                    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "store_unavailable")
                    assert int(answer.headers["Retry-After"]) >= 1
                assert post(server.url, "app-retry").status_code == 200
            assert server.stop() == 0
        with open_store(store_url) as store:
            assert store.rows("SELECT count() AS n FROM tasks FINAL") == [{"n": 5}]
            assert store.rows("SELECT count() AS n FROM ingest_batches FINAL") == [{"n": 1}]


def test_readiness_follows_the_store(tmp_path: Path) -> None:
    with clickhouse_shim(tmp_path / "shim") as port:
        environment = {"SPARKLEDGER_STORE_URL": f"clickhouse://127.0.0.1:{port}/ledger"}
        with running_server(tmp_path / "data", environment) as server:
            with open_store(environment["SPARKLEDGER_STORE_URL"]) as store:
                assert httpx.get(f"{server.url}/readyz", timeout=300).status_code == 200
                store.command("DROP TABLE schema_migrations")
                unready = httpx.get(f"{server.url}/readyz", timeout=300)
            assert (unready.status_code, unready.json()["error"]["code"]) == (503, "not_ready")
            assert "lacks" in unready.json()["error"]["message"]
            assert httpx.get(f"{server.url}/healthz", timeout=300).status_code == 200


def test_readiness_is_lost_with_the_store(tmp_path: Path) -> None:
    with clickhouse_shim(tmp_path / "shim") as port:
        running = running_server(tmp_path / "data", {"SPARKLEDGER_STORE_URL": f"clickhouse://127.0.0.1:{port}/ledger"})
        server = running.__enter__()
    try:
        unready = httpx.get(f"{server.url}/readyz", timeout=300)
        assert (unready.status_code, unready.json()["error"]["code"]) == (503, "not_ready")
        lost = post(server.url, "app-lost")
        assert (lost.status_code, lost.json()["error"]["code"]) == (503, "store_unavailable")
    finally:
        running.__exit__(None, None, None)
