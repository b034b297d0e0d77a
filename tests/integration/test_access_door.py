"""The door of an application: open on this machine until the first token, limited in rate, and guarded alike after a restart."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import stat
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pytest
from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool

from collector.access.tokens import FIRST_RUN
from collector.api.imports.wire import MEDIA_TYPE, encode_tables
from collector.eventlog import Identity, decode
from collector.storage import open_store
from sparkledger.admission import NotGuarded, check_address, guard_of, keep_own_token, open_hosts
from sparkledger.own_token import own_token_path, read_own_token
from sparkledger.settings import load_settings
from tests.support.processes import running_server
from tests.support.running_app import running_app
from tests.support.wire import NDJSON, application_start, lines

STATIC = "static-token-for-this-test"
T = TypeVar("T")


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def with_app(data: Path, work: Callable[[httpx.AsyncClient, FastAPI], Awaitable[T]], **settings: Any) -> T:
    """Do `work` with an application that starts for it."""
    with running_app(data, **settings) as app:
        return app.run(work)


async def create(client: httpx.AsyncClient, *scopes: str, team: str = "") -> dict[str, Any]:
    answer = await client.post("/api/v1/tokens", json={"name": "t", "scopes": scopes, "team": team}, headers=bearer(STATIC))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


BATCH = {"content": lines(application_start("app-1")), "headers": NDJSON}


def test_secrets_are_shown_once_and_kept_as_hashes(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> tuple[str, str]:
        made = await create(client, "read")
        return made["secret"], (await client.get("/api/v1/tokens", headers=bearer(STATIC))).text

    secret, listed = with_app(tmp_path / "data", work, token=STATIC)
    assert re.fullmatch(r"slt_[A-Za-z0-9_-]{43}", secret)
    assert secret not in listed
    with open_store(tmp_path / "data") as store:
        rows = store.rows("SELECT * REPLACE (toString(token_hash) AS token_hash) FROM access_tokens")
    assert [row["token_hash"] for row in rows] == [hashlib.sha256(secret.encode()).hexdigest()]
    assert secret not in json.dumps(rows, default=str)
    kept = [path for path in (tmp_path / "data").rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]
    assert kept == []


def test_a_revoked_token_is_refused_at_once_and_for_good(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        made = await create(client, "read")
        codes = [(await client.get("/api/v1/applications", headers=bearer(made["secret"]))).status_code]
        for _ in range(2):
            codes.append((await client.delete(f"/api/v1/tokens/{made['token_id']}", headers=bearer(STATIC))).status_code)
        return [*codes, (await client.get("/api/v1/applications", headers=bearer(made["secret"]))).status_code]

    assert with_app(tmp_path / "data", work, token=STATIC) == [200, 200, 200, 401]

    async def later(client: httpx.AsyncClient, _app: FastAPI) -> list[bool]:
        return [token["revoked"] for token in (await client.get("/api/v1/tokens", headers=bearer(STATIC))).json()["tokens"]]

    assert with_app(tmp_path / "data", later, token=STATIC) == [True]


def test_the_door_is_open_on_this_machine_until_a_token_is_created(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, app: FastAPI) -> list[int]:
        paths = ("/api/v1/applications", "/")
        codes = [*[(await client.get(path)).status_code for path in paths], (await client.post("/api/v1/events", **BATCH)).status_code]
        codes.append((await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"]})).status_code)
        app.state.guard.book.create("jobs", ["ingest"])
        codes += [(await client.get("/api/v1/applications")).status_code, (await client.post("/api/v1/events", **BATCH)).status_code]
        return [*codes, (await client.get("/healthz")).status_code]

    assert with_app(tmp_path, work) == [200, 200, 200, 403, 401, 401, 200]


def test_a_rate_is_kept_for_each_token_and_says_when_to_come_again(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, app: FastAPI) -> tuple[list[httpx.Response], int]:
        # Time stands still: on a slow machine an answer takes so long that the budget fills up again.
        app.state.guard.rates._requests._clock = lambda: 0.0
        first, second = [(await create(client, "read"))["secret"] for _ in range(2)]
        answers = [await client.get("/api/v1/rules", headers=bearer(first)) for _ in range(3)]
        return answers, (await client.get("/api/v1/rules", headers=bearer(second))).status_code

    answers, other = with_app(tmp_path, work, token=STATIC, rates={"requests_per_s": 0.1})
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert other == 200


def test_readers_who_take_every_thread_keep_nobody_from_sending(tmp_path: Path) -> None:
    free = threading.Event()

    async def work(client: httpx.AsyncClient, app: FastAPI) -> tuple[list[int], bool]:
        reader = asyncio.ensure_future(run_in_threadpool(free.wait, 300))
        await asyncio.sleep(0)
        app.state.guard.book._read_at_s = float("-inf")
        try:
            sent = await client.post("/api/v1/events", content=BATCH["content"], headers={**NDJSON, **bearer(STATIC)})
            table = {"applications": decode(BATCH["content"], Identity("app-1")).tables["applications"]}
            headers = {"Content-Type": MEDIA_TYPE, **bearer(STATIC)}
            imported = await client.post("/api/v1/imports/batches", content=encode_tables(table), headers=headers)
            return [sent.status_code, imported.status_code, (await client.get("/readyz")).status_code], reader.done()
        finally:
            free.set()
            await reader

    assert with_app(tmp_path, work, token=STATIC, read_threads=1) == ([200, 200, 200], False)


def test_bytes_are_limited_after_they_came(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        body = lines(application_start("app-1")) + b"\n" * 5000
        return [(await client.post("/api/v1/events", content=body, headers=NDJSON)).status_code for _ in range(2)]

    assert with_app(tmp_path, work, rates={"bytes_per_s": 10}) == [200, 429]


def test_another_name_for_this_machine_is_refused_without_a_token(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, httpx.Client(base_url=server.url, timeout=300) as client:
        assert client.get("/api/v1/rules").status_code == 200
        rebound = client.get("/api/v1/rules", headers={"Host": "evil.example:8428"})
        assert (rebound.status_code, rebound.json()["error"]["code"]) == (401, "unauthorized")


def test_on_an_address_that_others_reach_the_first_runs_token_is_asked_for(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data", host="0.0.0.0")

    async def work(client: httpx.AsyncClient, app: FastAPI) -> list[int]:
        app.state.guard = guard_of(settings, app.state.store, open_hosts=open_hosts(settings))
        secret, _ = app.state.guard.book.create("commands on the server's machine", ["admin"], origin=FIRST_RUN)
        ways = ({"Host": "localhost:8428"}, {"Host": "0.0.0.0:8428"}, bearer(secret))
        return [(await client.get("/api/v1/applications", headers=way)).status_code for way in ways]

    assert with_app(tmp_path / "data", work) == [401, 401, 200]


def test_the_first_run_makes_a_token_for_this_machine_once(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path / "data")
    told: list[str] = []
    with open_store(settings.effective_store_url) as store:
        for _ in range(2):
            keep_own_token(settings, store, told.append)
        path = own_token_path(settings.data_dir)
        assert told == [read_own_token(settings.data_dir)]
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        path.unlink()
        keep_own_token(settings, store, told.append)
    assert len(set(told)) == 2


def test_an_address_that_others_reach_needs_a_token(tmp_path: Path) -> None:
    def check(**options: Any) -> None:
        check_address(load_settings(data_dir=tmp_path / "data", **options), store)

    with open_store(load_settings(data_dir=tmp_path / "data").effective_store_url) as store:
        for host in ("127.0.0.1", "::1", "localhost", "127.8.8.8"):
            check(host=host)
        for host in ("0.0.0.0", "::", "10.0.0.7", "collector.example"):
            with pytest.raises(NotGuarded, match="no token guards"):
                check(host=host)
        check(host="0.0.0.0", token=STATIC)
        check(host="0.0.0.0", open_without_token=True)
        keep_own_token(load_settings(data_dir=tmp_path / "data"), store, lambda _secret: None)
        check(host="0.0.0.0")
