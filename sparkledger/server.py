"""The server: collector and analyzer as one application in one process.

One process, since an embedded store takes no second one; with a ClickHouse server, run several behind a load balancer.
"""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from importlib import metadata

import anyio.to_thread
import uvicorn
from fastapi import Depends, FastAPI
from starlette.concurrency import run_in_threadpool

from analyzer.api import router as analyzer_router
from analyzer.api.ledger import Ledger, analysis_options
from analyzer.web import mount_pages
from collector.api import (
    Guard,
    Ingest,
    IngestLimits,
    Metrics,
    RequestLog,
    SmallBodies,
    configure_logging,
    install_error_handlers,
    require_read,
)
from collector.api import router as collector_router
from collector.api.logs import logger
from collector.storage import Store, StoreError, open_store
from collector.storage.retention import apply_retention
from collector.storage.writer import Writer
from sparkledger.admission import check_address, guard_of, keep_own_token, open_hosts
from sparkledger.analysis_worker import AnalysisWorker
from sparkledger.docs_page import mount_docs
from sparkledger.login import router as login_router
from sparkledger.server_file import remove_server_file, write_server_file
from sparkledger.settings import Settings

KEEP_ALIVE_S = 75
"""Longer than load balancers keep idle connections (60 s), so that they close them and never we."""

DESCRIPTION = (
    "What every Spark run cost, where its core-hours went, and what to change. Listeners post event-log lines to "
    "`/api/v1/events`; everything else is for reading. Every refusal has one shape and a `request_id`."
)
TAGS = [
    {"name": "applications", "description": "What ran, what it cost, where its core time went."},
    {"name": "findings", "description": "What is wrong, what it wastes and what to change."},
    {"name": "rules", "description": "What each rule measures and when to ignore it."},
    {"name": "digests", "description": "A team's week."},
    {"name": "events", "description": "Where listeners send."},
    {"name": "tokens", "description": "Who may send and read."},
    {"name": "imports", "description": "Where `sparkledger import` sends decoded logs."},
    {"name": "operations", "description": "Alive, ready, measured."},
]


def create_app(
    settings: Settings,
    store: Store | None = None,
    *,
    trusted: bool = False,
    open_hosts: frozenset[str] | None = None,
    resident: bool = False,
) -> FastAPI:
    """The application: collector, analyzer, documentation at `/docs`.

    The store (opened by the lifespan where none is given) closes with the application's lifespan; until then
    `app.state.store`, `app.state.settings` and `app.state.ingest` are there. Callables in `app.state.after_write` are told
    `(app_id, attempt_id, running)` on the event loop after each stored batch: they must be quick. `trusted` takes every request for the
    owner's own; `open_hosts` are the names under which requests without a token are answered, None for any. A `resident`
    application lives on after the request, so its lists leave long analyses to the background.
    """
    metrics = Metrics()
    app = FastAPI(
        title="sparkledger",
        version=_version(),
        summary="A ledger of Spark runs",
        description=DESCRIPTION,
        openapi_tags=TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=_lifespan(
            settings, metrics, store, resident, lambda opened: guard_of(settings, opened, trusted=trusted, open_hosts=open_hosts)
        ),
    )
    app.state.settings = settings
    app.state.after_write = []
    app.include_router(collector_router)
    app.include_router(analyzer_router, dependencies=[Depends(require_read)])
    mount_docs(app)
    app.include_router(login_router)
    mount_pages(app, dependencies=[Depends(require_read)])
    install_error_handlers(app)
    app.add_middleware(SmallBodies)
    app.add_middleware(RequestLog, metrics=metrics)
    metrics.watch_queue(lambda: app.state.ingest.writer.held_bytes)
    return app


def serve(
    settings: Settings, *, on_ready: Callable[[str], None] = lambda _url: None, on_own_token: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGINT or SIGTERM: then requests end, what waits is stored, and the store is closed.

    `server.json` in the data directory says where, while it runs; `on_ready` is told the address once requests are answered.
    With `on_own_token`, commands on this machine get a token of their own, which it is told when that is made.
    Raises `StoreError` where the store cannot be opened, `OSError` where the address cannot be had, and `NotGuarded` where
    others could reach it without a token.
    """
    configure_logging(settings.log_level, as_json=settings.log_format == "json")
    with _listening(settings) as listener:
        url = _url(settings.host, listener)
        store = _opened_store(settings)
        try:
            check_address(settings, store)
            if on_own_token is not None:
                keep_own_token(settings, store, on_own_token)
        except BaseException:
            store.close()
            raise
        config = uvicorn.Config(
            create_app(settings, store, open_hosts=open_hosts(settings), resident=True),
            workers=1,
            log_config=None,
            access_log=False,
            lifespan="on",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=settings.stop_timeout_s,
        )
        with _quiet_stop():
            _Server(config, settings, url, on_ready).run([listener])


class _Server(uvicorn.Server):
    """uvicorn's server, which also says where it is."""

    def __init__(self, config: uvicorn.Config, settings: Settings, url: str, on_ready: Callable[[str], None]) -> None:
        super().__init__(config)
        self._settings = settings
        self._url = url
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            write_server_file(self._settings.data_dir, self._url)
            logger.info("serving", url=self._url)
            self._on_ready(self._url)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        remove_server_file(self._settings.data_dir)
        await super().shutdown(sockets)


def _lifespan(
    settings: Settings, metrics: Metrics, given: Store | None, resident: bool, guard: Callable[[Store], Guard]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    limits = settings.ingest

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        anyio.to_thread.current_default_thread_limiter().total_tokens = settings.read_threads
        store = given if given is not None else await run_in_threadpool(open_store, settings.effective_store_url)
        try:
            app.state.store = store
            app.state.guard = await run_in_threadpool(guard, store)
            app.state.ingest = Ingest(
                Writer(store, queue_bytes=limits.queue_bytes, observe=metrics.insert_round),
                metrics,
                IngestLimits(**limits.model_dump(exclude={"queue_bytes"})),
            )
            worker = AnalysisWorker(Ledger(store, analysis_options(settings)))
            app.state.after_write.append(worker.touch)
            app.state.catch_up = worker.catch_up if resident else None
            if resident:
                worker.catch_up()
            try:
                yield
            finally:
                await run_in_threadpool(app.state.ingest.close)
                await run_in_threadpool(worker.close)
        finally:
            await run_in_threadpool(store.close)

    return lifespan


def _opened_store(settings: Settings) -> Store:
    """The store, its tables and their retention up to date; a user who may not alter tables leaves the retention as it is."""
    store = open_store(settings.effective_store_url)
    try:
        apply_retention(store, settings.retention_of_store)
    except StoreError as error:
        logger.warning("retention_not_applied", error=str(error), hint="run `sparkledger migrate` as a user who may alter tables")
    return store


@contextmanager
def _listening(settings: Settings) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.create_server((settings.host, settings.port), family=family, backlog=2048) as listener:
        # asyncio does this only for sockets that name TCP outright; without it small answers wait 40 ms for the client's ACK.
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield listener


def _url(host: str, listener: socket.socket) -> str:
    """The address for clients on this machine."""
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
    return f"http://{reachable}:{listener.getsockname()[1]}"


@contextmanager
def _quiet_stop() -> Iterator[None]:
    """uvicorn raises the signal that stopped it once more when it is done; by then it has done its work."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    try:
        with suppress(KeyboardInterrupt):
            yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _version() -> str:
    try:
        return metadata.version("sparkledger")
    except metadata.PackageNotFoundError:  # run from a source tree that is not installed
        return "0.0.0"
