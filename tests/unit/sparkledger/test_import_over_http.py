"""Posting batches and asking what is known: what is waited for, and for how long."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

import httpx
import pytest

from collector.eventlog import Identity
from sparkledger.cli.errors import CliError
from sparkledger.connection import Connection
from sparkledger.import_over_http import HttpCatalog, HttpSink, _pause_s

BUSY, AWAY, STORED = 429, 503, 200


class Answers:
    """A server that answers a request with each of some statuses in turn, and the last of them for ever."""

    def __init__(self, *statuses: int) -> None:
        self.left = list(statuses)
        self.asked = 0

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        self.asked += 1
        status = self.left.pop(0) if len(self.left) > 1 else self.left[0]
        answer = {"start_ms": 5, "error": {"message": "not now", "hint": "later"}}
        return httpx.Response(status, json=answer, headers={"Retry-After": "0"}, request=httpx.Request(method, f"http://x{path}"))

    def close(self) -> None: ...


def clock(seconds_a_look: float) -> Callable[[], float]:
    looks = count()
    return lambda: next(looks) * seconds_a_look


def post(server: Answers, *, seconds_a_look: float = 1.0, in_process: bool = False) -> None:
    api = Connection(server, "a server")
    api.in_process = in_process
    with HttpSink(api, clock(seconds_a_look)) as sink:
        sink.write({}).result()


def start_ms(server: Answers, seconds_a_look: float = 1.0) -> int | None:
    return HttpCatalog(Connection(server, "a server"), clock(seconds_a_look)).start_ms(Identity("app-1"))


@pytest.mark.parametrize("statuses", [(STORED,), (BUSY, BUSY, STORED), (AWAY, AWAY, STORED), (AWAY, BUSY, AWAY, STORED)])
def test_batch_is_posted_until_it_is_stored(statuses: tuple[int, ...]) -> None:
    server = Answers(*statuses)
    post(server)
    assert server.asked == len(statuses)


@pytest.mark.parametrize("statuses", [(AWAY,), (422,), (500,)])
def test_store_that_stays_away_and_refusals_end_the_import(statuses: tuple[int, ...]) -> None:
    with pytest.raises(CliError, match="not now"):
        post(Answers(*statuses), seconds_a_look=30.0)


@pytest.mark.parametrize("statuses", [(STORED,), (AWAY, AWAY, STORED), (BUSY, AWAY, STORED)])
def test_what_is_known_is_asked_for_until_it_is_answered(statuses: tuple[int, ...]) -> None:
    server = Answers(*statuses)
    assert start_ms(server) == 5
    assert server.asked == len(statuses)


@pytest.mark.parametrize("statuses", [(AWAY,), (422,)])
def test_questions_that_nobody_answers_end_the_import(statuses: tuple[int, ...]) -> None:
    with pytest.raises(CliError, match="not now"):
        start_ms(Answers(*statuses), seconds_a_look=30.0)


@pytest.mark.parametrize(("said", "pause_s"), [("7", 7.0), ("Thu, 26 Nov 2026 10:00:00 GMT", 1.0), ("-1", 1.0), ("", 1.0)])
def test_a_proxys_way_to_say_later_is_understood(said: str, pause_s: float) -> None:
    assert _pause_s(httpx.Response(503, headers={"Retry-After": said} if said else {})) == pause_s


def test_store_of_this_process_is_not_waited_for() -> None:
    server = Answers(AWAY, STORED)
    with pytest.raises(CliError):
        post(server, in_process=True)
    assert server.asked == 1
