"""Who a request comes from, and whether that is allowed what it asks."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated
from urllib.parse import urlsplit

import anyio.to_thread
from fastapi import Depends, HTTPException, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from collector.access import ADMIN, INGEST, READ, Access, TokenBook
from collector.access.sessions import COOKIE, Sessions
from collector.access.tokens import FIRST_RUN, digest
from collector.api.errors import refusal
from collector.api.logs import logger
from collector.api.rates import RateLimits
from collector.storage import StoreError

OWNER = Access("owner", frozenset({ADMIN}))
"""The process that has the store open asks itself."""
_STATIC_ID_CHARACTERS = 12
_REFRESH_THREADS = 4
"""One reads the tokens; others that came meanwhile see that and go on with the copy."""
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})

_bearer = HTTPBearer(auto_error=False, description="A token of `sparkledger token create`; needed once there is one")


class Guard:
    """The tokens that count, and what is allowed without one.

    Without a token a request may send and read as long as nobody has created one (the first run's own does not count) and the
    server has `open_hosts`, which it has on a loopback address. From then on every request needs one.
    """

    def __init__(
        self,
        book: TokenBook,
        sessions: Callable[[], Sessions],
        rates: RateLimits,
        *,
        static: str | None,
        trusted: bool,
        open_hosts: frozenset[str] | None,
    ) -> None:
        """
        Args:
            book: the store's tokens.
            sessions: makes the signer of cookies, when the first is asked for.
            rates: limits by holder.
            static: the token of the settings, which may everything.
            trusted: every request is the owner's own: the application serves no socket.
            open_hosts: names that a request without a token must use for this server, so that a web page whose own name leads
                here cannot read it (DNS rebinding); None for any name, none at all where every request needs a token: a client
                writes any name that it likes, so on an address that others reach a name keeps nobody out.
        """
        self.book = book
        self.rates = rates
        self._make_sessions = sessions
        self._sessions: Sessions | None = None
        self._static_hash = digest(static) if static else None
        self._trusted = trusted
        self._open_hosts = open_hosts
        self._threads: anyio.CapacityLimiter | None = None

    @property
    def sessions(self) -> Sessions:
        if self._sessions is None:
            self._sessions = self._make_sessions()
        return self._sessions

    @property
    def asks_for_token(self) -> bool:
        """Whether a request without a token is refused."""
        closed = self._open_hosts is not None and not self._open_hosts
        return closed or self._static_hash is not None or any(token.origin != FIRST_RUN for token in self.book.all())

    async def access(self, request: Request, secret: str | None) -> Access:
        """Who sends a request. Raises a 401 where that cannot be told and has to be."""
        if self._trusted:
            return OWNER
        if self.book.is_stale:
            await self._refresh()
        if secret is not None:
            return await self.of_secret(secret) or _refuse("the token is not known here, or was revoked")
        cookie = request.cookies.get(COOKIE)
        if cookie and _same_origin(request):
            session = self.of_session(cookie)
            if session is not None:
                return session
        if self.asks_for_token:
            return _refuse("this server asks for a token")
        if self._open_hosts is not None and _host_name(request) not in self._open_hosts:
            return _refuse("without a token this server answers only under its own address")
        return Access(request.client.host if request.client else "unknown", frozenset({INGEST, READ}))

    async def of_secret(self, secret: str) -> Access | None:
        """What a token allows; None for one that does not count."""
        if digest(secret) == self._static_hash:
            return self._static
        token = self.book.find(secret)
        if token is None and self.book.may_refresh:
            await self._refresh()
            token = self.book.find(secret)
        return token.access if token else None

    def of_session(self, cookie: str) -> Access | None:
        """What the token of a browser's session allows; None once the session or its token has ended."""
        token_id = self.sessions.token_id(cookie)
        if token_id is None:
            return None
        if self._static_hash is not None and token_id == self._static.key:
            return self._static
        token = self.book.find_id(token_id)
        return token.access if token else None

    @property
    def _static(self) -> Access:
        return Access(f"static-{(self._static_hash or '')[:_STATIC_ID_CHARACTERS]}", frozenset({ADMIN}))

    async def _refresh(self) -> None:
        if self._threads is None:
            # Of its own: what is sent must not wait until a thread of those who read is free.
            self._threads = anyio.CapacityLimiter(_REFRESH_THREADS)
        try:
            await anyio.to_thread.run_sync(self.book.refresh, limiter=self._threads)
        except StoreError as error:
            # Nobody can create or revoke a token in a store that is away: the old copy stays right.
            logger.warning("tokens_not_read", error=str(error))


def require(scope: str) -> Callable[..., Awaitable[Access]]:
    """A dependency that lets requests through which may do what `scope` names, within their rate."""

    async def admitted(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> Access:
        guard: Guard = request.app.state.guard
        access = await guard.access(request, sent.credentials if sent else None)
        request.state.access = access
        if not access.may(scope):
            hint = f"use a token with the scope `{scope}`: sparkledger token create NAME --scope {scope}"
            raise refusal(403, "scope_missing", f"this request needs the scope `{scope}`", hint)
        guard.rates.admit(access.key)
        return access

    return admitted


require_ingest, require_read, require_admin = require(INGEST), require(READ), require(ADMIN)


def charge_bytes(request: Request, size_bytes: int) -> None:
    """Count the bytes of an admitted request's body."""
    access: Access = request.state.access
    guard: Guard = request.app.state.guard
    guard.rates.charge_bytes(access.key, size_bytes)


def _refuse(message: str) -> Access:
    raise unauthorized(message)


def unauthorized(message: str) -> HTTPException:
    """A 401 to raise."""
    hint = (
        "send `Authorization: Bearer TOKEN` (a Spark job: spark.sparkledger.token); `sparkledger token create NAME --scope SCOPE` makes one"
    )
    return refusal(401, "unauthorized", message, hint, headers={"WWW-Authenticate": "Bearer"})


def _host_name(request: Request) -> str:
    return (urlsplit(f"//{request.headers.get('host', '')}").hostname or "").lower()


def _same_origin(request: Request) -> bool:
    """Whether a cookie may count: it does for reading, and for changes only where the page that asks is ours."""
    if request.method in _SAFE_METHODS:
        return True
    origin = request.headers.get("origin")
    host = request.headers.get("host")
    return bool(origin and host and origin.partition("://")[2] == host)
