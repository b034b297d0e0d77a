"""EC2's instance metadata, version 2, of a Spot instance: a real HTTP server that insists on the token."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ANSWERS = {"instance-type": "m6g.4xlarge", "placement/availability-zone": "us-east-1a", "instance-life-cycle": "spot"}
_TOKEN = "AQAEAtoken=="


@contextmanager
def instance_metadata() -> Iterator[tuple[str, list[str]]]:
    """Its address, and what was asked for, until the block ends."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            asked.append(f"PUT {self.path}")
            wanted = self.path == "/latest/api/token" and self.headers["X-aws-ec2-metadata-token-ttl-seconds"] is not None
            self._answer(200 if wanted else 400, _TOKEN if wanted else "")

        def do_GET(self) -> None:
            asked.append(f"GET {self.path}")
            if self.headers["X-aws-ec2-metadata-token"] != _TOKEN:
                self._answer(401, "")
                return
            answer = ANSWERS.get(self.path.removeprefix("/latest/meta-data/"))
            self._answer(404 if answer is None else 200, answer or "")

        def _answer(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()
