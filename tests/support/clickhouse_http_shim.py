"""ClickHouse's HTTP interface over chDB, in a process of its own: tests take the server's path without a server.

`python -m tests.support.clickhouse_http_shim DIRECTORY [PORT]` prints its port and serves until it is ended. It stands in for
queries, parameters, settings, inserts and errors; not for users, replication, sessions or asynchronous inserts.
`POST /__fault?next=unavailable|commit_then_drop` makes the next insert fail like a server in trouble.
"""

from __future__ import annotations

import gzip
import re
import socket
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

import chdb
import lz4.frame
import uvicorn
import zstandard
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

# Arguments of a request that are the transport's; any other one is a setting.
TRANSPORT = {"query", "database", "default_format", "buffer_size", "query_id", "compress", "decompress", "role", "quota_key"}
TRANSPORT |= {"session_id", "session_timeout", "session_check", "wait_end_of_query", "enable_http_compression", "client_protocol_version"}
TRANSPORT |= {"send_progress_in_http_headers", "http_headers_progress_interval_ms", "cancel_http_readonly_queries_on_client_close"}
INSERT = re.compile(rb"\s*INSERT\s+INTO\s+(?P<target>.+?)\s+FORMAT\s+(?P<format>\w+)[ \n]?(?P<data>.*)", re.IGNORECASE | re.DOTALL)
CODE = re.compile(r"Code: (\d+)")
DECOMPRESS = {
    "": bytes,
    "gzip": gzip.decompress,
    "lz4": lz4.frame.decompress,
    "zstd": lambda data: zstandard.ZstdDecompressor().decompressobj().decompress(data),
}


class Shim:
    """One engine, one connection a request, so that settings do not outlive their request."""

    def __init__(self, directory: str) -> None:
        self.path = str(Path(directory).absolute())
        self.anchor = chdb.connect(self.path)
        self.fault = ""

    async def answer(self, request: Request) -> Response:
        body = DECOMPRESS[request.headers.get("content-encoding", "")](await request.body())
        return await run_in_threadpool(self.run, dict(request.query_params), body)

    async def set_fault(self, request: Request) -> Response:
        self.fault = request.query_params["next"]
        return PlainTextResponse("ok\n")

    def run(self, options: Mapping[str, str], body: bytes) -> Response:
        statement = options["query"].encode() + b"\n" + body if "query" in options else body
        insert = INSERT.fullmatch(statement)
        fault = ""
        if insert:
            fault, self.fault = self.fault, ""
        if fault == "unavailable":
            return failure("Code: 202. DB::Exception: Too many simultaneous queries. (TOO_MANY_SIMULTANEOUS_QUERIES)", 503)
        try:
            answer = self.execute(options, statement, insert)
        except Exception as error:  # the engine raises one of several classes of one name
            return failure(str(error), 404 if "UNKNOWN" in str(error) else 500)
        if fault == "commit_then_drop":
            return Response(b"", headers={"Content-Length": "7"})
        headers = {"X-ClickHouse-Summary": '{"read_rows":"0"}', "X-ClickHouse-Timezone": "UTC", "X-ClickHouse-Query-Id": "shim"}
        return Response(answer, headers=headers | ({"X-ClickHouse-Format": "TabSeparated"} if answer else {}))

    def execute(self, options: Mapping[str, str], statement: bytes, insert: re.Match[bytes] | None) -> bytes:
        connection = chdb.connect(self.path)
        try:
            connection.query(f"USE `{options.get('database', 'default')}`")
            settings = {name: value for name, value in options.items() if name not in TRANSPORT and not name.startswith("param_")}
            for name in sorted(settings, key=lambda name: name == "readonly"):
                value = settings[name].replace("\\", "\\\\").replace("'", "\\'")
                connection.query(f"SET {name} = '{value}'")
            if insert:
                return self.insert(connection, insert)
            parameters = {name[len("param_") :]: value for name, value in options.items() if name.startswith("param_")}
            return connection.query(statement.decode(), "TabSeparated", params=parameters).bytes() or b""
        finally:
            connection.close()

    @staticmethod
    def insert(connection: chdb.Connection, insert: re.Match[bytes]) -> bytes:
        with tempfile.NamedTemporaryFile() as file:
            file.write(insert["data"])
            file.flush()
            target, form = insert["target"].decode(), insert["format"].decode()
            connection.query(f"INSERT INTO {target} FROM INFILE '{file.name}' FORMAT {form}")
        return b""


def failure(text: str, status: int) -> Response:
    code = CODE.search(text)
    return PlainTextResponse(f"{text} (version shim)\n", status, {"X-ClickHouse-Exception-Code": code[1] if code else "1002"})


def main(directory: str, port: str = "0") -> None:
    shim = Shim(directory)
    app = Starlette(
        routes=[
            Route("/ping", lambda _request: PlainTextResponse("Ok.\n")),
            Route("/__fault", shim.set_fault, methods=["POST"]),
            Route("/", shim.answer, methods=["GET", "POST"]),
        ]
    )
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        print(listener.getsockname()[1], flush=True)
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


if __name__ == "__main__":
    main(*sys.argv[1:])
