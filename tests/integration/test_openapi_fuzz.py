"""Requests made up from the OpenAPI, good and bad: the server answers each, and none with a 5xx."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from sparkledger.server import create_app
from sparkledger.settings import load_settings
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

TOKEN = "token-of-the-fuzz-test"
EXAMPLES = 15


class Running:
    """An application with one run in it, asked without a socket."""

    def __init__(self, data: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self.app: FastAPI = create_app(load_settings(data_dir=data, token=TOKEN))
        self.lifespan = self.app.router.lifespan_context(self.app)
        self.loop.run_until_complete(self.lifespan.__aenter__())
        # What a handler lets escape becomes an answer here as it does for a client, instead of an exception in the test.
        transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        self.client = httpx.AsyncClient(transport=transport, base_url="http://test", headers=headers, timeout=300)
        body = lines(application_start("app-1"), task_ends(20), application_end())
        assert self.request("POST", "/api/v1/events", content=body, headers=NDJSON).status_code == 200

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        return self.loop.run_until_complete(self.client.request(method, url, **arguments))

    def close(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.run_until_complete(self.lifespan.__aexit__(None, None, None))
        self.loop.close()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    made = Running(tmp_path_factory.mktemp("fuzz") / "data")
    yield made
    made.close()


def operations() -> list[Any]:
    """Every operation of the interface, with made-up requests that fit and that do not."""
    description = create_app(load_settings(data_dir=Path("unused"))).openapi()
    return [result.ok() for result in schemathesis.openapi.from_dict(description).get_all_operations()]


OPERATIONS = operations()


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_no_request_is_answered_with_5xx(running: Running, operation: Any, mode: GenerationMode) -> None:
    @settings(max_examples=EXAMPLES, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(st.data())
    def try_one(data: st.DataObject) -> None:
        case = data.draw(operation.as_strategy(generation_mode=mode))
        sent = case.as_transport_kwargs(base_url="http://test")
        arguments = {name: sent[name] for name in ("params", "json", "content", "headers") if sent.get(name) is not None}
        if sent.get("cookies"):
            cookies = "; ".join(f"{name}={value}" for name, value in sent["cookies"].items())
            arguments["headers"] = {**(arguments.get("headers") or {}), "Cookie": cookies}
        if sent.get("data") is not None:
            arguments["content"] = sent["data"] if isinstance(sent["data"], bytes) else str(sent["data"]).encode("utf-8", "replace")
        try:
            answer = running.request(sent["method"], sent["url"], **arguments)
        except (httpx.InvalidURL, httpx.LocalProtocolError, UnicodeEncodeError, ValueError):
            return  # no client could send that
        assert answer.status_code < 500, (sent["method"], sent["url"], arguments, answer.text)

    try:
        try_one()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE
        pytest.skip("takes nothing that a request could get wrong")


def test_every_operation_is_tried() -> None:
    assert len(OPERATIONS) > 15
