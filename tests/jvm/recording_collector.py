"""A collector that keeps what it is sent and misbehaves on demand: a real HTTP server for tests of the listener."""

from __future__ import annotations

import gzip
import json
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    """One POST as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes
    lines: list[dict[str, Any]]
    arrived_at_s: float = field(default_factory=time.monotonic)

    @property
    def seq(self) -> int:
        """The batch's number."""
        return int(self.headers["x-sparkledger-batch-seq"])

    @property
    def dropped(self) -> int:
        """How many events the sender says it gave up."""
        return int(self.headers["x-sparkledger-dropped-events"])


@dataclass
class Answer:
    """What the collector says; `raw` is written in place of an HTTP answer, and `until` is waited for before anything is."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    until: Callable[[], bool] = lambda: True


Behaviour = Callable[[Request, int], Answer]
"""Decides on a request and its number, counted from 1."""


def accepting(_: Request, __: int) -> Answer:
    """Takes everything."""
    return Answer()


class RecordingCollector:
    """Every request in order of arrival, and apart from them those that were answered with 200."""

    def __init__(self, behaviour: Behaviour = accepting, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        self._behaviour = behaviour
        self._scheme = "https" if tls else "http"
        self._lock = threading.Lock()
        self.requests: list[Request] = []
        self.accepted: list[Request] = []
        self.stopping = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
            self._server.handle_error = lambda *_: None  # type: ignore[method-assign]  # a client that gives up is no news
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def url(self) -> str:
        """The address to give to the listener."""
        return f"{self._scheme}://127.0.0.1:{self.port}"

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._server.server_port

    def events(self, name: str) -> list[dict[str, Any]]:
        """Accepted events of one name, blocks of task ends left as they are."""
        return [line for line in self.lines() if line["Event"].rpartition(".")[2] == name]

    def lines(self) -> list[dict[str, Any]]:
        """Accepted lines, each batch once however often it was sent."""
        with self._lock:
            batches = {request.seq: request for request in self.accepted}
        return [line for seq in sorted(batches) for line in batches[seq].lines]

    def lines_of(self, app_id: str) -> list[dict[str, Any]]:
        """Accepted lines of one application, where several sent."""
        with self._lock:
            return [line for request in self.accepted if request.headers["x-sparkledger-app-id"] == app_id for line in request.lines]

    def task_ids(self) -> list[int]:
        """The task of each accepted task end."""
        return task_ids(self.lines())

    def __enter__(self) -> RecordingCollector:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def record(self, request: Request) -> Answer:
        """Keeps a request and decides on it."""
        with self._lock:
            self.requests.append(request)
            return self._behaviour(request, len(self.requests))

    def accept(self, request: Request) -> None:
        """Keeps a request as delivered."""
        with self._lock:
            self.accepted.append(request)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        collector = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                request = _read(self)
                if collector.stopping.is_set():
                    self.close_connection = True
                    return
                answer = collector.record(request)
                while not answer.until() and not collector.stopping.wait(0.05):
                    pass
                if answer.raw is not None:
                    self.wfile.write(answer.raw)
                    self.close_connection = True
                    return
                if answer.status == 200:
                    collector.accept(request)
                _write(self, answer, len(request.lines))

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler


def column(block: dict[str, Any], name: str, absent: Any = 0) -> list[Any]:
    """A column of a block of task ends as a list."""
    count, form = block["Count"], block.get(name)
    if form is None:
        return [absent] * count
    if isinstance(form, list):
        values = form
    elif "all" in form:
        values = [form["all"]] * count
    elif "base" in form:
        values = [form["base"] + delta for delta in form["delta"]]
    else:
        values = [form["dict"][index] for index in form["idx"]]
    assert len(values) == count
    return values


def task_ids(lines: Iterable[dict[str, Any]]) -> list[int]:
    """The task of each task end among lines of the event stream."""
    return [task for line in lines if line["Event"] == "SparkledgerTaskEnds" for task in column(line, "Task ID")]


def dead_url() -> str:
    """The address of a port that nobody listens on."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{unused.getsockname()[1]}"


def _read(handler: BaseHTTPRequestHandler) -> Request:
    body = handler.rfile.read(int(handler.headers["Content-Length"]))
    raw = gzip.decompress(body) if handler.headers.get("Content-Encoding") == "gzip" else body
    lines = [json.loads(line) for line in raw.splitlines()]
    return Request(handler.path, {name.lower(): value for name, value in handler.headers.items()}, body, lines)


def _write(handler: BaseHTTPRequestHandler, answer: Answer, events: int) -> None:
    payload = {"events": events} if answer.status == 200 else {"error": {"status": answer.status}}
    content = json.dumps(payload).encode()
    handler.send_response(answer.status)
    for name, value in {**answer.headers, "Content-Type": "application/json", "Content-Length": str(len(content))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(content)
