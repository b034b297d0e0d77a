"""Requests made up from the OpenAPI, good and bad: the server answers each, and none with a 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.transport.serialization import Binary

from sparkledger.server import create_app
from sparkledger.settings import load_settings
from tests.support.running_app import RunningApp, running_app
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

TOKEN = "token-of-the-fuzz-test"
TRUSTED = {"Authorization": f"Bearer {TOKEN}"}
EXAMPLES = 15


@schemathesis.serializer("application/x-ndjson", "application/vnd.apache.arrow.stream")
def _as_bytes(_context: object, value: object) -> bytes:
    """A made-up body as it is; what is no text, which only a request meant to be wrong has, as its JSON."""
    if isinstance(value, (bytes, Binary)):
        return value if isinstance(value, bytes) else value.data
    return (value if isinstance(value, str) else json.dumps(value, default=str)).encode("utf-8", "surrogatepass")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    """An application with one run in it."""
    with running_app(tmp_path_factory.mktemp("fuzz") / "data", escape=False, token=TOKEN) as made:
        body = lines(application_start("app-1"), task_ends(20), application_end())
        assert made.request("POST", "/api/v1/events", content=body, headers={**NDJSON, **TRUSTED}).status_code == 200
        yield made


def operations() -> list[Any]:
    """Every operation of the interface, with made-up requests that fit and that do not."""
    description = create_app(load_settings(data_dir=Path("unused"))).openapi()
    return [result.ok() for result in schemathesis.openapi.from_dict(description).get_all_operations()]


OPERATIONS = operations()


@pytest.mark.slow
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.label)
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_no_request_is_answered_with_5xx(running: RunningApp, operation: Any, mode: GenerationMode) -> None:
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
        arguments["headers"] = {**TRUSTED, **(arguments.get("headers") or {})}
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
