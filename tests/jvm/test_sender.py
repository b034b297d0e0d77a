"""What the sender and its spool do in situations that a Spark application cannot be brought into at will."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from tests.jvm.java_probe import Probe
from tests.jvm.recording_collector import Answer, RecordingCollector, Request, dead_url
from tests.jvm.spark_runs import SPARK_HOME, spooled_lines

PAGE = b"HTTP/1.1 400 Bad Request\r\nContent-Type: text/html\r\nContent-Length: 13\r\n\r\n<html></html>"
OTHER = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 15\r\n\r\n{"status":"ok"}'
WAIT_S = 3
SLOW_MS = 20_000
"""Far above what a step takes on a busy machine, and far below the minute for which locks are held."""


def busy_until_a_date(_: Request, number: int) -> Answer:
    """A server that says until when it is busy, by a clock of its own that is an hour behind."""
    now = time.time() - 3600
    dates = {"Date": formatdate(now, usegmt=True), "Retry-After": formatdate(now + WAIT_S, usegmt=True)}
    return Answer(503, dates) if number == 1 else Answer()


@contextmanager
def unread() -> Iterator[str]:
    """The address of a peer that accepts connections and never reads from them."""
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@dataclass
class Driven:
    """What the program measured, and what it left behind."""

    measured: dict[str, Any]
    folder: Path
    foreign: RecordingCollector
    dated: RecordingCollector
    locked: RecordingCollector


@pytest.fixture(scope="module")
def driven(jar: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    folder = tmp_path_factory.mktemp("driven")
    probe = Probe("DriveDelivery", jar, tmp_path_factory.mktemp("classes"), SPARK_HOME / "jars")
    with ExitStack() as stack:
        foreign = stack.enter_context(RecordingCollector(lambda *_: Answer(raw=PAGE)))
        dated = stack.enter_context(RecordingCollector(busy_until_a_date))
        other = stack.enter_context(RecordingCollector(lambda *_: Answer(raw=OTHER)))
        locked = stack.enter_context(RecordingCollector(lambda *_: Answer(401)))
        silent = stack.enter_context(unread())
        measured = probe(folder, dead_url(), foreign.url, dated.url, silent, other.url, locked.url)
        yield Driven(measured, folder, foreign, dated, locked)


def test_a_context_that_never_got_a_name_is_not_waited_for(driven: Driven) -> None:
    assert driven.measured["nameless_end_ms"] < SLOW_MS


def test_a_refusal_that_is_no_collectors_drops_nothing(driven: Driven) -> None:
    assert [request.dropped for request in driven.foreign.requests] == [0]
    (spooled,) = (driven.folder / "foreign").iterdir()
    assert {"SparkListenerLogStart", "A"} <= {line["Event"] for line in spooled_lines(spooled)}


def test_the_welcome_of_another_service_is_no_acknowledgement(driven: Driven) -> None:
    (spooled,) = (driven.folder / "other").iterdir()
    assert {"SparkListenerLogStart", "A"} <= {line["Event"] for line in spooled_lines(spooled)}


def test_a_refused_token_is_read_from_its_file_again(driven: Driven) -> None:
    sent = [request.headers["authorization"].removeprefix("Bearer ") for request in driven.locked.requests]
    assert sent == ["old", "old", "old", "new", "new", "new"]


def test_retry_after_may_be_a_date_of_the_other_clock(driven: Driven) -> None:
    first, second = driven.dated.requests[:2]
    assert second.arrived_at_s - first.arrived_at_s >= WAIT_S
    assert "A" in {line["Event"] for line in driven.dated.lines()}


def test_a_peer_that_never_reads_does_not_keep_events_from_the_disk(driven: Driven) -> None:
    assert driven.measured["unread_spooled"] >= 1
    (spooled,) = (driven.folder / "unread").iterdir()
    assert "A" in {line["Event"] for line in spooled_lines(spooled)}


def test_a_disk_that_hangs_holds_up_neither_the_end_nor_the_bus(driven: Driven) -> None:
    assert driven.measured["hanging_disk_end_ms"] < SLOW_MS
    assert driven.measured["hanging_disk_identify_ms"] < SLOW_MS


def test_what_waits_in_memory_goes_to_a_spool_that_has_to_make_room(driven: Driven) -> None:
    measured = driven.measured
    assert (measured["room_secured"], measured["room_spooled"], measured["room_dropped"]) == (True, 2, 300)


def test_lines_stay_in_order_where_some_were_kept_in_memory(driven: Driven) -> None:
    assert (driven.measured["order"], driven.measured["order_left"]) == ("ABC", 0)


def test_a_long_outage_keeps_one_file_open(driven: Driven) -> None:
    assert (driven.measured["outage_segments"], driven.measured["outage_open_files"]) == (7, 1)


def test_a_spool_folder_that_vanished_is_made_again(driven: Driven) -> None:
    measured = driven.measured
    assert (measured["vanished_again"], measured["vanished_sent"], measured["vanished_dropped"]) == (True, "3", 1)
    assert measured["vanished_usable"]


def test_events_that_do_not_fit_wake_the_sender_once(driven: Driven) -> None:
    assert driven.measured["first_wake_ms"] < SLOW_MS
    assert driven.measured["second_wake_ms"] >= 700


@pytest.mark.parametrize("end", ["end_unreadable", "end_switched_off"])
def test_an_end_that_cannot_be_read_ends_the_sender_all_the_same(driven: Driven, end: str) -> None:
    assert driven.measured[end] is True


def test_an_answer_is_asked_for_as_it_is(driven: Driven) -> None:
    assert {request.headers["accept-encoding"] for request in driven.dated.requests} == {"identity"}


def test_drops_on_the_bus_are_read_without_the_lock_under_which_contexts_are_made(driven: Driven) -> None:
    assert driven.measured["bus_drops_while_a_context_is_made"] == 0
    assert driven.measured["bus_drops_readable"]


def test_a_password_in_the_address_is_in_no_log(driven: Driven) -> None:
    assert driven.measured["address"] == "http://[::1]:8428/api/v1/events"


def test_slashes_at_the_end_of_the_address_do_not_count(driven: Driven) -> None:
    assert driven.measured["address_of_slashes"] == "http://collector:8428/api/v1/events"


def test_texts_stay_unless_a_word_clearly_lets_them_leave(driven: Driven) -> None:
    leave = driven.measured["texts_leave"]
    assert [word for word in leave if leave[word]] == ["", "on", "TRUE"]
    assert [word for word in leave if not leave[word]] == ["off", "false", " False ", "none"]


def test_a_spool_is_a_folder_of_this_machine(driven: Driven) -> None:
    assert driven.measured["spool_folders"] == {
        "/var/spool": "/var/spool",
        "file:///var/spool": "/var/spool",
        "s3a://bucket/spool": "default",
        "file://elsewhere/spool": "default",
    }
