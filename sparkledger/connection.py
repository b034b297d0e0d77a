"""How the command line reaches the ledger: through the HTTP API, so that there is one code path (but for imports, see `import_target`).

With a server (named, or running on the data directory) over the network; without one, the same application is mounted in
this process over the embedded store.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Mapping
from contextlib import AsyncExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Any, Protocol, TypeVar
from urllib.parse import quote

import httpx

from sparkledger.cli.errors import UNAVAILABLE, USAGE, CliError
from sparkledger.own_store import own_store, own_store_errors
from sparkledger.own_token import read_own_token
from sparkledger.server_file import read_server_file

if TYPE_CHECKING:
    from sparkledger.settings import Settings

_T = TypeVar("_T")
_TIMEOUT = httpx.Timeout(300, connect=5)
_PROBE_TIMEOUT = httpx.Timeout(30, connect=2)
"""A server that is busy accepts at once and answers late."""


class Carrier(Protocol):
    """Carries one request to the API and its answer back."""

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response: ...
    def close(self) -> None: ...


class Network:
    """Carries requests to a server."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._client = httpx.Client(base_url=url, headers=dict(headers), timeout=_TIMEOUT, trust_env=False)

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Carry one request."""
        return self._client.request(method, path, **arguments)

    def close(self) -> None:
        """Close the sockets."""
        self._client.close()


class InProcess:
    """Carries requests to the application in this process: no socket, the store is opened here. For many threads."""

    def __init__(self, settings: Settings) -> None:
        from sparkledger.server import create_app

        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sparkledger-in-process", daemon=True)
        self._thread.start()
        self._stack = AsyncExitStack()
        try:
            self._client = self._run(self._start(create_app(settings, trusted=True)))
        except BaseException:
            self._stop()
            raise

    def request(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Carry one request."""
        return self._run(self._client.request(method, path, **arguments))

    def close(self) -> None:
        """Shut the application down; the store is closed after that."""
        try:
            self._run(self._stack.aclose())
        finally:
            self._stop()

    async def _start(self, app: Any) -> httpx.AsyncClient:
        await self._stack.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        client = httpx.AsyncClient(transport=transport, base_url="http://in-process", timeout=None)
        return await self._stack.enter_async_context(client)

    def _run(self, work: Coroutine[Any, Any, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class Connection:
    """The API, as a context manager. Refusals become CliError with the server's own message and hint."""

    def __init__(self, carrier: Carrier, where: str) -> None:
        self._carrier = carrier
        self.where = where
        """For people: the address of the server, or the data directory."""
        self.in_process = isinstance(carrier, InProcess)

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON answer to a GET below `/api/v1`; parameters that are None are left out."""
        return self.send("GET", f"/api/v1{path}", params=_given(parameters)).json()

    def application(self, app_id: str, below: str = "", **parameters: Any) -> Any:
        """The JSON answer of an application, or of what is `below` it."""
        if app_id in ("", ".", ".."):
            raise CliError(f"`{app_id}` is no application id", hint="list them: sparkledger apps", exit_code=USAGE)
        return self.get(f"/applications/{quote(app_id, safe='')}{below}", **parameters)

    def text(self, path: str, **parameters: Any) -> str:
        """The same, as text."""
        return self.send("GET", f"/api/v1{path}", params=_given(parameters)).text

    def send(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request; raises CliError unless the answer is 2xx."""
        return self.check(self.attempt(method, path, **arguments))

    def attempt(self, method: str, path: str, **arguments: Any) -> httpx.Response:
        """Any request, whatever the answer; raises CliError where there is none."""
        try:
            return self._carrier.request(method, path, **arguments)
        except httpx.HTTPError as error:
            reason = str(error) or type(error).__name__
            raise CliError(f"no answer from {self.where}: {reason}", hint="is the server up? `sparkledger doctor` looks") from error

    def check(self, response: httpx.Response) -> httpx.Response:
        """The answer, if it is 2xx; else raises CliError with what the server said."""
        if not response.is_success:
            raise refusal(response, self.where)
        return response

    def close(self) -> None:
        """Release the server, or the store."""
        self._carrier.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def connect(settings: Settings, server: str | None = None) -> Connection:
    """Reach the named server, else the one that runs on the data directory, else open the store in this process.

    Raises:
        CliError: nothing answers at the named server, or another process without a server holds the store.
    """
    return connect_to_server(settings, server) or _opened(settings)


def connect_to_server(settings: Settings, server: str | None = None) -> Connection | None:
    """Reach the named server, else the one that runs on the data directory; None where neither is."""
    running = read_server_file(settings.data_dir)
    if server:
        # The token of this machine's server goes to no other one.
        own = running is not None and running.url == server.rstrip("/")
        return Connection(Network(server.rstrip("/"), _authorization(settings, own=own)), server)
    if running is not None and _answers(running.url):
        return Connection(Network(running.url, _authorization(settings, own=True)), running.url)
    return None


def refusal(response: httpx.Response, where: str) -> CliError:
    """The server's refusal as an error of the command line."""
    try:
        error = response.json()["error"]
        message, hint = error["message"], error["hint"]
    except (ValueError, KeyError, TypeError):
        message, hint = f"{where} answered {response.status_code} in a way that no sparkledger does", "is --server a sparkledger server?"
    if response.status_code == httpx.codes.UNAUTHORIZED:
        hint = (
            "set SPARKLEDGER_TOKEN to a token of that server; `sparkledger token create NAME --scope read` makes one there, "
            "with the scope ingest for imports"
        )
    unavailable = response.status_code >= 500 or response.status_code in (401, 403, 429)
    return CliError(message, hint=hint, exit_code=UNAVAILABLE if unavailable else USAGE)


def _authorization(settings: Settings, *, own: bool) -> dict[str, str]:
    token = settings.token.get_secret_value() if settings.token else read_own_token(settings.data_dir) if own else None
    return {"Authorization": f"Bearer {token}"} if token else {}


def _opened(settings: Settings) -> Connection:
    from collector.api import configure_logging

    configure_logging("ERROR", as_json=True)
    with own_store_errors(settings):
        return Connection(InProcess(settings), own_store(settings))


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=_PROBE_TIMEOUT, trust_env=False).is_success
    except httpx.HTTPError:
        return False


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in parameters.items() if value is not None}
