"""The application in this process, asked from plain functions: one store for as many tests as want it.

Only one embedded store can be open in a process, so a module whose tests share one opens no other meanwhile.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from sparkledger.server import create_app
from sparkledger.settings import load_settings

T = TypeVar("T")


class RunningApp:
    """An application that has started, and a loop to ask it on.

    With `escape`, what a handler lets escape is raised in the test; without, it becomes an answer as it does for a client.
    """

    def __init__(self, app: FastAPI, loop: asyncio.AbstractEventLoop, *, escape: bool) -> None:
        self.app = app
        self._loop = loop
        self._escape = escape

    def run(self, work: Callable[[httpx.AsyncClient, FastAPI], Awaitable[T]]) -> T:
        """Do `work` with a client of its own, so that nobody's cookies are another's."""

        async def with_client() -> T:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=self._escape)
            async with httpx.AsyncClient(transport=transport, base_url="http://test", timeout=600) as client:
                return await work(client, self.app)

        return self._loop.run_until_complete(with_client())

    def request(self, method: str, url: str, **arguments: Any) -> httpx.Response:
        """One request and its answer."""
        return self.run(lambda client, _app: client.request(method, url, **arguments))


@contextmanager
def running_app(
    data: Path, *, prepare: Callable[[FastAPI], None] = lambda _app: None, escape: bool = True, **settings: Any
) -> Iterator[RunningApp]:
    """An application over `data`, as `prepare` changed it, until the block ends."""
    app = create_app(load_settings(data_dir=data, **settings))
    prepare(app)
    loop = asyncio.new_event_loop()
    try:
        lifespan = app.router.lifespan_context(app)
        loop.run_until_complete(lifespan.__aenter__())
        try:
            yield RunningApp(app, loop, escape=escape)
        finally:
            loop.run_until_complete(lifespan.__aexit__(None, None, None))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
