"""What `doctor` says of a collector that answers at first and then is gone or slow."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sparkledger.cli.doctor_checks.collector import collector

SLOW_S = 5


@contextmanager
def serving(post: Callable[[BaseHTTPRequestHandler], None]) -> Iterator[str]:
    """A server that is alive like a collector, and meets batches with `post`; gives its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'{"status":"ok"}')

        def do_POST(self) -> None:
            post(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_collector_that_goes_away_is_told_in_words() -> None:
    def hang_up(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True

    with serving(hang_up) as url:
        reached, gone = collector(url, None)
    assert reached.good
    assert not gone.good
    assert f"no answer from {url}" in gone.finding


def test_a_slow_answer_is_no_wrong_clock() -> None:
    def take_time(handler: BaseHTTPRequestHandler) -> None:
        time.sleep(SLOW_S)
        handler.send_error(415)

    with serving(take_time) as url:
        checks = {check.name: check for check in collector(url, None)}
    said = checks["clock"].finding.split()
    assert said[0] == "within" or int(said[0]) < SLOW_S
