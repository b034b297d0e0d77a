"""A bound for bodies that are parsed as a whole, which happens before anybody is asked for a token."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from collector.api.errors import refusal

LIMIT_BYTES = 1 << 20
_BOUND_THEMSELVES = frozenset({"/api/v1/events", "/api/v1/imports/batches"})


class SmallBodies:
    """ASGI middleware: a body above `LIMIT_BYTES` is a 413, unless its endpoint reads it piece by piece within limits of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in _BOUND_THEMSELVES:
            await self._app(scope, receive, send)
            return
        seen_bytes = 0

        async def bounded() -> Message:
            nonlocal seen_bytes
            message = await receive()
            seen_bytes += len(message.get("body", b""))
            if seen_bytes > LIMIT_BYTES:
                raise refusal(413, "body_too_large", f"the body is larger than {LIMIT_BYTES:,} bytes", "no request here needs as much")
            return message

        await self._app(scope, bounded, send)
