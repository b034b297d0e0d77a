"""The application in this process: one shape of refusal everywhere, its callbacks, and its description of itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from collector.storage import BackPressure, StoreError, StoreUnavailable
from collector.storage.writer import Writer
from tests.support.running_app import RunningApp, running_app
from tests.support.wire import NDJSON, application_end, application_start, lines


def failing_routes(app: FastAPI) -> None:
    failures: dict[str, Exception] = {
        "bug": RuntimeError("SELECT secret FROM tasks"),
        "store": StoreError("query: SELECT secret FROM tasks"),
        "unavailable": StoreUnavailable("connect to clickhouse://user:secret@host"),
        "full": BackPressure("full", retry_after_s=7),
        "plain": HTTPException(403),
        "detailed": HTTPException(409, detail={"code": "taken", "message": "the name is taken", "hint": "choose another"}),
    }

    @app.get("/fail/{kind}")
    def fail(kind: str) -> None:
        raise failures[kind]

    @app.get("/number/{number}")
    def number(number: int) -> int:
        return number


def started(app_id: str) -> dict[str, Any]:
    """What posts the start of an application."""
    return {"url": "/api/v1/events", "content": lines(application_start(app_id)), "headers": NDJSON}


@pytest.fixture(scope="module")
def told() -> list[tuple[str, str, bool]]:
    """What those who wait for data were told, after one of them failed."""
    return []


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, told: list[tuple[str, str, bool]]) -> Iterator[RunningApp]:
    """An application that was started, sent something, stopped, and started again on the same directory."""
    data = tmp_path_factory.mktemp("app") / "data"

    def fail(_app_id: str, _attempt_id: str, _running: bool) -> None:
        raise RuntimeError("the listener's own fault")

    def prepare(app: FastAPI) -> None:
        failing_routes(app)
        app.state.after_write += [fail, lambda app_id, attempt_id, running: told.append((app_id, attempt_id, running))]

    with running_app(data) as first:
        assert first.request("POST", **started("app-before")).is_success
    with running_app(data, prepare=prepare) as again:
        yield again


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/fail/bug", 500, "internal_error"),
        ("GET", "/fail/store", 500, "store_error"),
        ("GET", "/fail/unavailable", 503, "store_unavailable"),
        ("GET", "/fail/full", 429, "queue_full"),
        ("GET", "/fail/plain", 403, "forbidden"),
        ("GET", "/fail/detailed", 409, "taken"),
        ("GET", "/number/many", 422, "invalid_request"),
        ("GET", "/nowhere", 404, "not_found"),
        ("DELETE", "/api/v1/events", 405, "method_not_allowed"),
    ],
)
def test_every_refusal_has_the_one_shape_and_tells_no_secrets(app: RunningApp, method: str, path: str, status: int, code: str) -> None:
    response = app.request(method, path)
    error = response.json()["error"]
    assert (response.status_code, error["status"], error["code"]) == (status, status, code)
    assert error.keys() == {"status", "code", "message", "hint", "request_id"}
    assert error["request_id"] == response.headers["X-Request-Id"]
    assert not [word for word in ("secret", "SELECT", "Traceback") if word in response.text]
    assert ("Retry-After" in response.headers) is (status in (429, 503))


def test_a_full_queue_answers_429_with_retry_after(app: RunningApp) -> None:
    held, opened = threading.Event(), threading.Event()

    def hold(_round: Any) -> None:
        held.set()
        assert opened.wait(600)

    async def use(client: httpx.AsyncClient, app: FastAPI) -> list[httpx.Response]:
        ingest = app.state.ingest
        ingest.writer.close()
        ingest.writer = Writer(app.state.store, queue_bytes=1, observe=hold)
        try:
            first = await client.post(**started("app-1"))
            await asyncio.to_thread(held.wait, 600)
            second = asyncio.create_task(client.post(**started("app-2")))
            while not ingest.writer.held_bytes:
                await asyncio.sleep(0.01)
            third = await client.post(**started("app-3"))
            opened.set()
            return [first, await second, third]
        finally:
            opened.set()
            ingest.writer.close()
            ingest.writer = Writer(app.state.store)

    first, second, third = app.run(use)
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert third.json()["error"]["code"] == "queue_full"
    assert 1 <= int(third.headers["Retry-After"]) <= 30


def test_those_who_wait_for_data_are_told_and_may_fail(app: RunningApp, told: list[tuple[str, str, bool]]) -> None:
    told.clear()
    for body in (lines(application_start("app-told", "2")), lines(application_start("app-told", "2"), application_end())):
        assert app.request("POST", "/api/v1/events", content=body, headers=NDJSON).status_code == 200
    assert told == [("app-told", "2", True), ("app-told", "2", False)]


def test_the_interface_describes_itself(app: RunningApp) -> None:
    schema = app.request("GET", "/openapi.json").json()
    assert schema["info"]["title"] == "sparkledger"
    events = schema["paths"]["/api/v1/events"]["post"]
    assert "example" in events["requestBody"]["content"]["application/x-ndjson"]
    assert {"200", "400", "401", "408", "413", "415", "429", "503"} <= events["responses"].keys()
    ours = [path for path in schema["paths"] if not path.startswith(("/fail/", "/number/"))]
    operations = [operation for path in ours for operation in schema["paths"][path].values()]
    assert [operation for operation in operations if not operation.get("summary")] == []


def test_an_application_starts_again_on_the_same_directory(app: RunningApp) -> None:
    assert app.request("POST", **started("app-before")).is_success
    store = app.app.state.store
    assert store.rows("SELECT count() AS n FROM applications FINAL WHERE app_id = 'app-before'") == [{"n": 1}]
