"""`POST /api/v1/events` over real HTTP: good batches, and everything that may be wrong with one."""

from __future__ import annotations

import gzip
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import zstandard

from tests.support.processes import ServerProcess, running_server
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

BODY_TIMEOUT_S = 6
"""Long enough for a slow machine to send a few whole batches meanwhile."""
LIMITS = {
    "SPARKLEDGER_INGEST__BODY_BYTES": str(256 << 10),
    "SPARKLEDGER_INGEST__DECOMPRESSED_BYTES": str(1 << 20),
    "SPARKLEDGER_INGEST__BODY_TIMEOUT_S": str(BODY_TIMEOUT_S),
    "SPARKLEDGER_INGEST__CONCURRENT_BATCHES": "2",
    "SPARKLEDGER_INGEST__BODIES_BYTES": str(300 << 10),
}
LARGEST_LOG = "NVIDIA__spark-rapids-tools/spark-events-profiling/tasks_executors_fail_compressed_eventlog.zstd"
START = lines(application_start("app-bad"))
APP = {**NDJSON, "X-Sparkledger-App-Id": "app-bad"}
BOMB = gzip.compress(b"\n" * (64 << 20))
MANY_ROWS = {
    "Event": "SparkledgerTaskEnds",
    "Count": 100_000,
    "Stage ID": {"all": 1},
    "Task ID": {"all": 1},
    "Launch Time": {"all": 0},
}


def zstd_bomb(size_bytes: int) -> bytes:
    """A body of line ends that says its true size, made without holding it."""
    compressor = zstandard.ZstdCompressor().compressobj(size=size_bytes)
    piece = b"\n" * (1 << 20)
    return b"".join([*(compressor.compress(piece) for _ in range(size_bytes >> 20)), compressor.flush()])


ZSTD_BOMB = zstd_bomb(512 << 20)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("ingest") / "data", LIMITS) as server:
        yield server


@pytest.fixture(scope="module")
def client(server: ServerProcess) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=server.url, timeout=300) as client:
        yield client


def post(client: httpx.Client, body: bytes, **headers: str) -> httpx.Response:
    return client.post(
        "/api/v1/events", content=body, headers={**NDJSON, **{name.replace("_", "-"): value for name, value in headers.items()}}
    )


def refusal_of(response: httpx.Response) -> dict[str, Any]:
    """The refusal's body, whose shape is the same for all."""
    error: dict[str, Any] = response.json()["error"]
    assert response.json().keys() == {"error"}
    assert error.keys() == {"status", "code", "message", "hint", "request_id"}
    assert error["status"] == response.status_code
    assert error["request_id"] == response.headers["X-Request-Id"]
    assert error["message"]
    return error


@pytest.mark.parametrize(
    ("encoding", "encode"),
    [
        ("", bytes),
        ("identity", bytes),
        ("gzip", gzip.compress),
        ("GZIP", gzip.compress),
        ("zstd", zstandard.compress),
        ("gzip", lambda body: gzip.compress(body[:50]) + gzip.compress(body[50:])),
        ("zstd", lambda body: zstandard.compress(body[:50]) + zstandard.compress(body[50:])),
        ("zstd", lambda body: zstandard.ZstdCompressor(write_content_size=False).compress(body)),
    ],
    ids=["plain", "identity", "gzip", "upper case", "zstd", "gzip members", "zstd frames", "zstd without a size"],
)
def test_a_batch_is_taken_in_every_compression(client: httpx.Client, encoding: str, encode: Any) -> None:
    body = lines(application_start("app-good"), task_ends(40), application_end())
    response = post(client, encode(body), **({"Content_Encoding": encoding} if encoding else {}))
    assert response.status_code == 200, response.text
    assert response.json() == {"app_id": "app-good", "attempt_id": "", "events": 42, "bad_lines": 0, "unknown_events": 0, "errors": []}


def test_a_line_that_cannot_be_read_is_named_and_the_others_are_kept(client: httpx.Client) -> None:
    body = lines(application_start("app-lines")) + b'{"Event":\n' + b"\xff\xfe\n" + lines({"Event": "NewInSparkNine"}) + lines(task_ends(3))
    answer = post(client, body).json()
    assert (answer["events"], answer["bad_lines"], answer["unknown_events"]) == (5, 2, 1)
    assert [error["line"] for error in answer["errors"]] == [2, 3]


def test_errors_shown_have_an_end_and_are_all_counted(client: httpx.Client) -> None:
    answer = post(client, START + b"nonsense\n" * 500).json()
    assert answer["bad_lines"] == 500
    assert len(answer["errors"]) == 20


def test_headers_name_the_application_where_the_body_does_not(client: httpx.Client) -> None:
    answer = post(client, lines(task_ends(2)), X_Sparkledger_App_Id="app-headers", X_Sparkledger_Attempt_Id="2").json()
    assert (answer["app_id"], answer["attempt_id"], answer["events"]) == ("app-headers", "2", 2)


def test_who_posts_by_hand_may_leave_the_attempt_to_the_body(client: httpx.Client) -> None:
    answer = post(client, lines(application_start("app-hand", "3")), X_Sparkledger_App_Id="app-hand").json()
    assert answer["attempt_id"] == "3"


def test_an_empty_batch_with_a_name_is_taken(client: httpx.Client) -> None:
    assert post(client, b"", X_Sparkledger_App_Id="app-empty").json()["events"] == 0


BAD = {
    "no content type": (415, "unsupported_media_type", START, {"Content-Type": ""}),
    "form": (415, "unsupported_media_type", START, {"Content-Type": "application/x-www-form-urlencoded"}),
    "json": (415, "unsupported_media_type", START, {"Content-Type": "application/json"}),
    "unknown encoding": (415, "unsupported_encoding", START, {**NDJSON, "Content-Encoding": "br"}),
    "two encodings": (415, "unsupported_encoding", START, {**NDJSON, "Content-Encoding": "gzip, gzip"}),
    "no gzip": (400, "broken_body", START, {**NDJSON, "Content-Encoding": "gzip"}),
    "gzip cut off": (400, "broken_body", gzip.compress(START)[:-12], {**NDJSON, "Content-Encoding": "gzip"}),
    "gzip with a wrong checksum": (400, "broken_body", gzip.compress(START)[:-8] + b"\0" * 8, {**NDJSON, "Content-Encoding": "gzip"}),
    "gzip and rubbish": (400, "broken_body", gzip.compress(START) + b"rubbish", {**NDJSON, "Content-Encoding": "gzip"}),
    "no zstd": (400, "broken_body", START, {**NDJSON, "Content-Encoding": "zstd"}),
    "zstd cut off": (400, "broken_body", zstandard.compress(START)[:-5], {**NDJSON, "Content-Encoding": "zstd"}),
    "gzip bomb": (413, "body_too_large", BOMB, {**NDJSON, "Content-Encoding": "gzip"}),
    "zstd bomb": (413, "body_too_large", ZSTD_BOMB, {**NDJSON, "Content-Encoding": "zstd"}),
    "over the limit": (413, "body_too_large", START + b"\n" * (300 << 10), APP),
    "far over the limit": (413, "body_too_large", START + b"\n" * (3 << 20), APP),
    "more rows than a batch may have": (413, "batch_too_large", lines(*[MANY_ROWS] * 6), APP),
    "an id that is none": (400, "missing_identity", lines(application_start("app bad")), NDJSON),
    "no identity": (400, "missing_identity", lines(task_ends(2)), NDJSON),
    "empty without identity": (400, "missing_identity", b"", NDJSON),
    "another application in the body": (400, "identity_conflict", START, {**NDJSON, "X-Sparkledger-App-Id": "app-other"}),
    "another attempt in the body": (
        400,
        "identity_conflict",
        lines(application_start("app-bad", "1")),
        {**APP, "X-Sparkledger-Attempt-Id": "2"},
    ),
    "a listener that forgot its attempt": (
        400,
        "identity_conflict",
        lines(application_start("app-bad", "1")),
        {**APP, "X-Sparkledger-Source": "listener"},
    ),
    "a space in the id": (400, "bad_header", START, {**NDJSON, "X-Sparkledger-App-Id": "app bad"}),
    "control characters": (400, "bad_header", START, {**NDJSON, "X-Sparkledger-App-Id": "app\tbad"}),
    "not ASCII": (400, "bad_header", START, {**NDJSON, "X-Sparkledger-App-Id": "äpp".encode("latin-1").decode("latin-1")}),
    "a long id": (400, "bad_header", START, {**NDJSON, "X-Sparkledger-App-Id": "a" * 201}),
    "an attempt alone": (400, "bad_header", START, {**NDJSON, "X-Sparkledger-Attempt-Id": "1"}),
    "a sequence that is no number": (400, "bad_header", START, {**APP, "X-Sparkledger-Batch-Seq": "-1"}),
    "a sequence without end": (400, "bad_header", START, {**APP, "X-Sparkledger-Batch-Seq": "9" * 40}),
    "dropped events in words": (400, "bad_header", START, {**APP, "X-Sparkledger-Dropped-Events": "many"}),
    "an unknown source": (400, "bad_header", START, {**APP, "X-Sparkledger-Source": "'; DROP TABLE tasks --"}),
}


@pytest.mark.parametrize("case", BAD)
def test_a_bad_batch_is_refused_in_the_one_shape(client: httpx.Client, case: str) -> None:
    status, code, body, headers = BAD[case]
    raw_headers = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    response = client.post("/api/v1/events", content=body, headers=raw_headers)
    error = refusal_of(response)
    assert (error["status"], error["code"]) == (status, code), error
    assert error["hint"]


def test_a_body_without_a_declared_length_is_bounded_too(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(40):
            yield b"\n" * (16 << 10)

    response = client.post("/api/v1/events", content=endless(), headers=APP)
    assert (response.status_code, refusal_of(response)["code"]) == (413, "body_too_large")


def test_bombs_leave_memory_alone(server: ServerProcess, client: httpx.Client) -> None:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("no /proc here")

    def resident_kib() -> int:
        found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
        assert found
        return int(found[1])

    post(client, lines(application_start("app-warm"), task_ends(10)))
    before_kib = resident_kib()
    for _ in range(5):
        post(client, BOMB, Content_Encoding="gzip")
        post(client, ZSTD_BOMB, Content_Encoding="zstd")
    assert resident_kib() - before_kib < 100 << 10


def open_batch(server: ServerProcess, sent: bytes = b"", length: int = 100) -> socket.socket:
    """A connection whose promised body the server waits for, up to what is `sent`."""
    host, port = server.url.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=300)
    head = f"POST /api/v1/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/x-ndjson\r\nX-Sparkledger-App-Id: app-slow\r\n"
    connection.sendall(f"{head}Content-Length: {length}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert connection.recv(4096).startswith(b"HTTP/1.1 100")
    connection.sendall(sent)
    return connection


def received(connection: socket.socket) -> str:
    """Everything up to the end of an answer's JSON."""
    answer = b""
    while not answer.endswith(b"}}") and (piece := connection.recv(4096)):
        answer += piece
    return answer.decode()


def test_a_body_that_does_not_come_is_given_up(server: ServerProcess) -> None:
    with open_batch(server) as connection:
        answer = received(connection)
    assert answer.startswith("HTTP/1.1 408")
    assert '"code":"body_timeout"' in answer


def test_more_batches_than_places_are_pushed_back(server: ServerProcess, client: httpx.Client) -> None:
    with open_batch(server) as first, open_batch(server) as second:
        response = post(client, START)
        assert (response.status_code, refusal_of(response)["code"]) == (429, "too_many_batches")
        assert int(response.headers["Retry-After"]) >= 1
        assert [received(connection)[:12] for connection in (first, second)] == ["HTTP/1.1 408"] * 2
    assert post(client, START).status_code == 200


def test_bodies_share_a_bounded_room(server: ServerProcess, client: httpx.Client) -> None:
    body = START + b"\n" * (200 << 10)
    with open_batch(server, b"\n" * (200 << 10), length=250 << 10) as slow:
        time.sleep(BODY_TIMEOUT_S / 3)  # by then the server has read what the slow one sent
        response = post(client, body)
        assert (response.status_code, refusal_of(response)["code"]) == (429, "too_many_batches")
        assert received(slow).startswith("HTTP/1.1 408")
    assert post(client, body).status_code == 200


def test_a_whole_event_log_is_taken_as_it_is(tmp_path: Path, event_logs: Path) -> None:
    compressed = (event_logs / LARGEST_LOG).read_bytes()
    plain = zstandard.ZstdDecompressor().decompressobj().decompress(compressed)
    with running_server(tmp_path / "data") as server, httpx.Client(base_url=server.url, timeout=600) as client:
        answers = [
            post(client, plain),
            post(client, gzip.compress(plain, 1), Content_Encoding="gzip"),
            post(client, compressed, Content_Encoding="zstd"),
        ]
    assert len(plain) > 36_000_000
    assert [answer.status_code for answer in answers] == [200] * 3
    assert [answer.json()["events"] for answer in answers] == [plain.count(b"\n")] * 3


def test_a_client_that_leaves_in_the_middle_harms_nobody(server: ServerProcess, client: httpx.Client) -> None:
    open_batch(server).close()
    assert post(client, START).status_code == 200


@pytest.mark.parametrize(("sent", "kept"), [("trace-1.a_B", True), ("", False), ("x" * 65, False), ("a b", False), ('"}{', False)])
def test_a_request_id_is_kept_where_it_is_a_plain_one(client: httpx.Client, sent: str, kept: bool) -> None:
    answered = client.get("/healthz", headers={"X-Request-Id": sent}).headers["X-Request-Id"]
    assert (answered == sent) is kept
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answered)


def test_metrics_count_what_came(client: httpx.Client) -> None:
    def value(name: str) -> float:
        found = re.search(rf"^{re.escape(name)} (\S+)$", client.get("/metrics").text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    accepted = 'sparkledger_http_requests_total{method="POST",route="/api/v1/events",status="200"}'
    names = (accepted, "sparkledger_ingest_events_total", "sparkledger_ingest_bad_lines_total", "sparkledger_ingest_dropped_events_total")
    before = [value(name) for name in names]
    for dropped in ("5", "5", "7"):
        post(client, lines(task_ends(10)) + b"bad\n", X_Sparkledger_App_Id="app-metrics", X_Sparkledger_Dropped_Events=dropped)
    assert [value(name) - old for name, old in zip(names, before, strict=True)] == [3, 30, 3, 7]
    assert value("sparkledger_queue_bytes") == 0
    assert value("sparkledger_last_insert_timestamp_seconds") > 1e9


def test_unknown_paths_make_no_new_series(client: httpx.Client) -> None:
    for number in range(20):
        client.get(f"/no/such/{number}")
    text = client.get("/metrics").text
    assert "/no/such" not in text
    assert 'route="unmatched",status="404"' in text
