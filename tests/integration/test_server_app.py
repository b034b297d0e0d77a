"""The application in this process: one shape of refusal everywhere, its callbacks, and its description of itself."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from collector.storage import BackPressure, StoreError, StoreUnavailable
from collector.storage.writer import Writer
from sparkledger.server import create_app
from sparkledger.settings import load_settings
from tests.support.wire import NDJSON, application_start, lines

T = TypeVar("T")


def with_app(
    tmp_path: Path, use: Callable[[FastAPI, httpx.AsyncClient], Awaitable[T]], prepare: Callable[[FastAPI], None] = lambda _app: None
) -> T:
    """Run `use` against an application that has started, as `prepare` changed it."""

    async def run() -> T:
        app = create_app(load_settings(data_dir=tmp_path))
        prepare(app)
        transport = httpx.ASGITransport(app=app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await use(app, client)

    return asyncio.run(run())


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
def test_every_refusal_has_the_one_shape_and_tells_no_secrets(tmp_path: Path, method: str, path: str, status: int, code: str) -> None:
    async def use(_app: FastAPI, client: httpx.AsyncClient) -> httpx.Response:
        return await client.request(method, path)

    response = with_app(tmp_path, use, failing_routes)
    error = response.json()["error"]
    assert (response.status_code, error["status"], error["code"]) == (status, status, code)
    assert error.keys() == {"status", "code", "message", "hint", "request_id"}
    assert error["request_id"] == response.headers["X-Request-Id"]
    assert not [word for word in ("secret", "SELECT", "Traceback") if word in response.text]
    assert ("Retry-After" in response.headers) is (status in (429, 503))


def test_a_full_queue_answers_429_with_retry_after(tmp_path: Path) -> None:
    held, opened = threading.Event(), threading.Event()

    def hold(_round: Any) -> None:
        held.set()
        assert opened.wait(60)

    async def use(app: FastAPI, client: httpx.AsyncClient) -> list[httpx.Response]:
        async def post(app_id: str) -> httpx.Response:
            return await client.post("/api/v1/events", content=lines(application_start(app_id)), headers=NDJSON)

        app.state.ingest.writer.close()
        app.state.ingest.writer = Writer(app.state.store, queue_bytes=1, observe=hold)
        first = await post("app-1")
        await asyncio.to_thread(held.wait, 60)
        second = asyncio.create_task(post("app-2"))
        while not app.state.ingest.writer.held_bytes:
            await asyncio.sleep(0.01)
        third = await post("app-3")
        opened.set()
        return [first, await second, third]

    first, second, third = with_app(tmp_path, use)
    assert [first.status_code, second.status_code, third.status_code] == [200, 200, 429]
    assert third.json()["error"]["code"] == "queue_full"
    assert 1 <= int(third.headers["Retry-After"]) <= 30


def test_those_who_wait_for_data_are_told_and_may_fail(tmp_path: Path) -> None:
    told: list[tuple[str, str]] = []

    def prepare(app: FastAPI) -> None:
        def fail(_app_id: str, _attempt_id: str) -> None:
            raise RuntimeError("the listener's own fault")

        app.state.after_write += [fail, lambda app_id, attempt_id: told.append((app_id, attempt_id))]

    async def use(_app: FastAPI, client: httpx.AsyncClient) -> int:
        body = lines(application_start("app-told", "2"))
        return (await client.post("/api/v1/events", content=body, headers=NDJSON)).status_code

    assert with_app(tmp_path, use, prepare) == 200
    assert told == [("app-told", "2")]


def test_the_interface_describes_itself(tmp_path: Path) -> None:
    async def use(_app: FastAPI, client: httpx.AsyncClient) -> dict[str, Any]:
        schema: dict[str, Any] = (await client.get("/openapi.json")).json()
        return schema

    schema = with_app(tmp_path, use)
    assert schema["info"]["title"] == "sparkledger"
    events = schema["paths"]["/api/v1/events"]["post"]
    assert "example" in events["requestBody"]["content"]["application/x-ndjson"]
    assert {"200", "400", "401", "408", "413", "415", "429", "503"} <= events["responses"].keys()
    operations = [operation for path in schema["paths"].values() for operation in path.values()]
    assert [operation for operation in operations if not operation.get("summary")] == []


def test_an_application_starts_again_on_the_same_directory(tmp_path: Path) -> None:
    async def use(app: FastAPI, client: httpx.AsyncClient) -> int:
        await client.post("/api/v1/events", content=lines(application_start("app-1")), headers=NDJSON)
        return int(app.state.store.rows("SELECT count() AS n FROM applications FINAL")[0]["n"])

    assert [with_app(tmp_path, use) for _ in range(2)] == [1, 1]
