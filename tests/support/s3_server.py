"""A local S3 server that keeps a log of its requests: moto behind a wrapper that notes method, path and query."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass
class S3Server:
    """Where it listens, and the log: (bucket, kind) of every request."""

    endpoint: str
    log: list[tuple[str, str]] = field(default_factory=list)

    def counts(self, bucket: str) -> Counter[str]:
        """Requests of a bucket by kind."""
        return Counter(kind for of, kind in self.log if of == bucket)


class _Quiet(WSGIRequestHandler):
    def log(self, *_: Any) -> None:
        pass


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """A server on a free port of this machine until the block ends."""
    moto = DomainDispatcherApplication(create_backend_app)
    log: list[tuple[str, str]] = []

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        copies = "HTTP_X_AMZ_COPY_SOURCE" in environ
        log.append(_kind("COPY" if copies else environ["REQUEST_METHOD"], environ["PATH_INFO"], environ.get("QUERY_STRING", "")))
        answer: Iterable[bytes] = moto(environ, start_response)
        return answer

    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield S3Server(f"http://127.0.0.1:{server.server_port}", log)
    finally:
        server.shutdown()
        thread.join()


def _kind(method: str, path: str, query: str) -> tuple[str, str]:
    """By the API's own operations: an object is named in the path, a listing and a bulk deletion in the query."""
    bucket, _, key = path.lstrip("/").partition("/")
    asked = parse_qs(query, keep_blank_values=True)
    if method == "GET" and not key:
        return bucket, "list" if {"list-type", "prefix"} & asked.keys() else "bucket"
    if method == "POST" and "delete" in asked:
        return bucket, "bulk delete"
    if method == "POST":
        return bucket, "multipart"
    return bucket, method.lower()
