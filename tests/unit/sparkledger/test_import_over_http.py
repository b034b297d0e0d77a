"""Posting batches: what is waited for, and for how long."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from sparkledger.cli.errors import CliError
from sparkledger.connection import Connection
from sparkledger.import_over_http import HttpSink

BUSY, AWAY, STORED = 429, 503, 200


class Answers:
    """A server that answers a request with each of some statuses in turn, and the last of them for ever."""

    def __init__(self, *statuses: int) -> None:
        self.left = list(statuses)
        self.asked = 0

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        self.asked += 1
        status = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        error = {"error": {"message": "not now", "hint": "later"}}
        return httpx.Response(status, json=error, headers={"Retry-After": "0"}, request=httpx.Request(method, f"http://x{path}"))

    def close(self) -> None: ...


def post(server: Answers, *, seconds_a_look: float = 1.0, in_process: bool = False) -> None:
    now_s = 0.0

    def clock() -> float:
        nonlocal now_s
        now_s += seconds_a_look
        return now_s

    api = Connection(server, "a server")
    api.in_process = in_process
    with HttpSink(api, clock) as sink:
        sink.write({}).result()


@pytest.mark.parametrize("statuses", [(STORED,), (BUSY, BUSY, STORED), (AWAY, AWAY, STORED), (AWAY, BUSY, AWAY, STORED)])
def test_batch_is_posted_until_it_is_stored(statuses: tuple[int, ...]) -> None:
    server = Answers(*statuses)
    post(server)
    assert server.asked == len(statuses)


@pytest.mark.parametrize("statuses", [(AWAY,), (422,), (500,)])
def test_store_that_stays_away_and_refusals_end_the_import(statuses: tuple[int, ...]) -> None:
    with pytest.raises(CliError, match="not now"):
        post(Answers(*statuses), seconds_a_look=30.0)


def test_store_of_this_process_is_not_waited_for() -> None:
    server = Answers(AWAY, STORED)
    with pytest.raises(CliError):
        post(server, in_process=True)
    assert server.asked == 1
