"""Around every request: an id, one log line, counters, and an answer where something unexpected went wrong."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.errors import error_response
from collector.api.logs import logger
from collector.api.metrics import Metrics
from collector.api.request_context import begin_request

REQUEST_ID_HEADER = "X-Request-Id"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET = frozenset({"/healthz", "/readyz", "/metrics"})


class RequestLog:
    """ASGI middleware. Labels are route templates (`/api/v1/applications/{app_id}`), so their number is bounded."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app = app
        self._metrics = metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = begin_request(Headers(scope=scope).get(REQUEST_ID_HEADER, ""))
        started = time.perf_counter()
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            if _readable(Headers(scope=scope).get("host", "")):
                await self._app(scope, receive, send_with_id)
            else:
                refused = error_response(400, "bad_header", "the header Host is no host name or address", "HOST:PORT is its form")
                await refused(scope, receive, send_with_id)
        except Exception:
            logger.exception("unexpected_error", method=scope["method"], path=scope["path"])
            if status:  # too late for another answer: the server cuts the connection
                raise
            hint = "the collector's log has the trace under this request_id"
            await error_response(500, "internal_error", "something unexpected went wrong", hint)(scope, receive, send_with_id)
        finally:
            self._record(scope, status, time.perf_counter() - started)

    def _record(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "other"
        self._metrics.request(method, _template(scope), status, seconds)
        log = logger.debug if scope["path"] in _QUIET and status < 400 else logger.info
        access = scope.get("state", {}).get("access")
        holder = {"access": access.key} if access else {}
        log("request", method=method, path=scope["path"], status=status, duration_ms=round(seconds * 1000, 1), **holder)


def _readable(host: str) -> bool:
    """Whether a request's address can be put together with this Host: everything behind this takes it for granted."""
    try:
        urlsplit(f"//{host}").port  # noqa: B018  # reading it is what raises
    except ValueError:
        return False
    return True


def _template(scope: Scope) -> str:
    """The route's whole template; FastAPI keeps it apart from the route where that was included under a prefix."""
    included = scope.get("fastapi", {}).get("effective_route_context")
    return getattr(included or scope.get("route"), "path", None) or "unmatched"
