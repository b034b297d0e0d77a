"""Tokens: who is let in, what a scope and a team allow, and that the door closes with the first token."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
import stat
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from collector.access.book import FRESH_S
from collector.storage import open_store
from sparkledger.admission import NotGuarded, check_address, keep_own_token
from sparkledger.own_token import own_token_path, read_own_token
from sparkledger.server import create_app
from sparkledger.settings import load_settings
from tests.support.processes import running_server
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

STATIC = "static-token-for-this-test"
BROWSER = {"Accept": "text/html"}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def with_app(data: Path, work: Callable[[httpx.AsyncClient, FastAPI], Awaitable[Any]], **settings: Any) -> Any:
    """Run `work` against an application in this process."""

    async def run() -> Any:
        app = create_app(load_settings(data_dir=data, **settings))
        transport = httpx.ASGITransport(app=app)
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await work(client, app)

    return asyncio.run(run())


async def create(client: httpx.AsyncClient, *scopes: str, team: str = "") -> dict[str, Any]:
    answer = await client.post("/api/v1/tokens", json={"name": "t", "scopes": scopes, "team": team}, headers=bearer(STATIC))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


BATCH = {"content": lines(application_start("app-1")), "headers": NDJSON}
REQUESTS: dict[str, tuple[str, str, dict[str, Any], str]] = {
    "send": ("POST", "/api/v1/events", BATCH, "ingest"),
    "ask of an import": ("GET", "/api/v1/imports/logs/abc", {}, "ingest"),
    "read": ("GET", "/api/v1/applications", {}, "read"),
    "page": ("GET", "/", {}, "read"),
    "tokens": ("GET", "/api/v1/tokens", {}, "admin"),
    "revoke": ("DELETE", "/api/v1/tokens/none", {}, "admin"),
}


def test_a_scope_allows_its_own_requests_and_admin_all(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> dict[tuple[str, str], int]:
        codes = {}
        for scope in ("ingest", "read", "admin"):
            secret = (await create(client, scope))["secret"]
            for name, (method, path, arguments, _) in REQUESTS.items():
                headers = {**arguments.get("headers", {}), **bearer(secret)}
                codes[scope, name] = (await client.request(method, path, **{**arguments, "headers": headers})).status_code
        return codes

    for (scope, name), status in with_app(tmp_path, work, token=STATIC).items():
        allowed = scope in (REQUESTS[name][3], "admin")
        assert (status != 403) is allowed, (scope, name, status)
        assert status != 401


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
        codes = [(await client.get("/api/v1/applications")).status_code, (await client.post("/api/v1/events", **BATCH)).status_code]
        codes.append((await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"]})).status_code)
        app.state.guard.book.create("jobs", ["ingest"])
        codes += [(await client.get("/api/v1/applications")).status_code, (await client.post("/api/v1/events", **BATCH)).status_code]
        return [*codes, (await client.get("/healthz")).status_code]

    assert with_app(tmp_path, work) == [200, 200, 403, 401, 401, 200]


def test_an_ingest_request_costs_no_query_of_its_own(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, app: FastAPI) -> tuple[int, float]:
        secret = (await create(client, "ingest"))["secret"]
        headers = {**NDJSON, **bearer(secret)}
        assert (await client.post("/api/v1/events", content=BATCH["content"], headers=headers)).status_code == 200
        queries: list[str] = []
        store, plain = app.state.store, app.state.store.query
        store.query = lambda sql, *rest: queries.append(sql) or plain(sql, *rest)
        began_s = time.monotonic()
        for _ in range(20):
            assert (await client.post("/api/v1/events", content=BATCH["content"], headers=headers)).status_code == 200
        return sum("access_tokens" in sql for sql in queries), time.monotonic() - began_s

    queries, seconds = with_app(tmp_path, work, token=STATIC)
    assert queries <= 1 + seconds / FRESH_S


def test_a_rate_is_kept_for_each_token_and_says_when_to_come_again(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> tuple[list[httpx.Response], int]:
        first, second = [(await create(client, "read"))["secret"] for _ in range(2)]
        answers = [await client.get("/api/v1/rules", headers=bearer(first)) for _ in range(3)]
        return answers, (await client.get("/api/v1/rules", headers=bearer(second))).status_code

    answers, other = with_app(tmp_path, work, token=STATIC, rates={"requests_per_s": 0.1})
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1].json()["error"]["code"] == "rate_limited"
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert other == 200


def test_bytes_are_limited_after_they_came(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        body = lines(application_start("app-1")) + b"\n" * 5000
        return [(await client.post("/api/v1/events", content=body, headers=NDJSON)).status_code for _ in range(2)]

    assert with_app(tmp_path, work, rates={"bytes_per_s": 10}) == [200, 429]


def test_a_browser_logs_in_reads_and_logs_out(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> None:
        made = await create(client, "read")
        asked = await client.get("/?team=growth", headers=BROWSER)
        assert asked.status_code == 401
        assert 'action="/login"' in asked.text
        assert 'value="/?team=growth"' in asked.text
        wrong = await client.post("/login", data={"token": "slt_wrong", "next": "/"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        entered = await client.post("/login", data={"token": made["secret"], "next": "/?team=growth"})
        assert (entered.status_code, entered.headers["location"]) == (303, "/?team=growth")
        cookie = entered.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert made["secret"].lower() not in cookie
        page = await client.get("/", headers=BROWSER)
        assert page.status_code == 200
        assert "log out" in page.text
        assert (await client.get("/api/v1/applications")).status_code == 200
        assert (await client.get("/api/v1/tokens")).status_code == 403
        await client.post("/logout")
        assert (await client.get("/", headers=BROWSER)).status_code == 401

    with_app(tmp_path, work, token=STATIC)


def test_a_session_ends_with_its_token_and_changes_nothing_for_another_site(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        await client.post("/login", data={"token": STATIC})
        name = {"name": "x", "scopes": ["read"]}
        codes = [
            (await client.post("/api/v1/tokens", json=name, headers={"Origin": origin})).status_code
            for origin in ("http://evil", "http://test")
        ]
        client.cookies.clear()
        made = await create(client, "read")
        await client.post("/login", data={"token": made["secret"]})
        codes.append((await client.get("/api/v1/rules")).status_code)
        await client.delete(f"/api/v1/tokens/{made['token_id']}", headers=bearer(STATIC))
        return [*codes, (await client.get("/api/v1/rules")).status_code]

    assert with_app(tmp_path, work, token=STATIC) == [401, 201, 200, 401]


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", ""])
def test_logging_in_leads_nowhere_else(tmp_path: Path, next_path: str) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> str:
        return str((await client.post("/login", data={"token": STATIC, "next": next_path})).headers["location"])

    assert with_app(tmp_path, work, token=STATIC) == "/"


def test_another_name_for_this_machine_is_refused_without_a_token(tmp_path: Path) -> None:
    with running_server(tmp_path / "data") as server, httpx.Client(base_url=server.url, timeout=300) as client:
        assert client.get("/api/v1/rules").status_code == 200
        rebound = client.get("/api/v1/rules", headers={"Host": "evil.example:8428"})
        assert (rebound.status_code, rebound.json()["error"]["code"]) == (401, "unauthorized")


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


def test_no_refusal_holds_a_secret_or_sql(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> str:
        answers = [await client.get("/api/v1/applications", headers=bearer("slt_guess' OR 1=1")), await client.get("/api/v1/tokens/x")]
        answers.append(await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["root"]}, headers=bearer(STATIC)))
        answers.append(await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"], "team": "t"}, headers=bearer(STATIC)))
        assert [answer.status_code for answer in answers] == [401, 405, 422, 422]
        return "".join(answer.text for answer in answers)

    said = with_app(tmp_path, work, token=STATIC)
    assert "SELECT" not in said
    assert "Traceback" not in said
    assert "slt_guess" not in said


def test_batches_of_all_kinds_pass_with_an_ingest_token(tmp_path: Path) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        secret = (await create(client, "ingest", team="growth"))["secret"]
        body = lines(application_start("app-all"), task_ends(5), application_end())
        return [(await client.post("/api/v1/events", content=body, headers={**NDJSON, **bearer(secret)})).status_code for _ in range(2)]

    assert with_app(tmp_path, work, token=STATIC) == [200, 200]
