"""Tokens of a running application: who is let in, and what a scope, a team and a session allow."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from collector.access.book import FRESH_S
from tests.support.running_app import RunningApp, running_app
from tests.support.wire import NDJSON, application_end, application_start, lines, task_ends

STATIC = "static-token-for-this-test"
BROWSER = {"Accept": "text/html"}


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningApp]:
    with running_app(tmp_path_factory.mktemp("access") / "data", token=STATIC) as running:
        yield running


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


def test_a_scope_allows_its_own_requests_and_admin_all(app: RunningApp) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> dict[tuple[str, str], int]:
        codes = {}
        for scope in ("ingest", "read", "admin"):
            secret = (await create(client, scope))["secret"]
            for name, (method, path, arguments, _) in REQUESTS.items():
                headers = {**arguments.get("headers", {}), **bearer(secret)}
                codes[scope, name] = (await client.request(method, path, **{**arguments, "headers": headers})).status_code
        return codes

    for (scope, name), status in app.run(work).items():
        allowed = scope in (REQUESTS[name][3], "admin")
        assert (status != 403) is allowed, (scope, name, status)
        assert status != 401


def test_an_ingest_request_costs_no_query_of_its_own(app: RunningApp, monkeypatch: pytest.MonkeyPatch) -> None:
    async def work(client: httpx.AsyncClient, app: FastAPI) -> tuple[int, float]:
        secret = (await create(client, "ingest"))["secret"]
        headers = {**NDJSON, **bearer(secret)}
        assert (await client.post("/api/v1/events", content=BATCH["content"], headers=headers)).status_code == 200
        queries: list[str] = []
        store, plain = app.state.store, app.state.store.query

        def counted(sql: str, *rest: Any, **options: Any) -> Any:
            queries.append(sql)
            return plain(sql, *rest, **options)

        monkeypatch.setattr(store, "query", counted)
        began_s = time.monotonic()
        for _ in range(20):
            assert (await client.post("/api/v1/events", content=BATCH["content"], headers=headers)).status_code == 200
        return sum("access_tokens" in sql for sql in queries), time.monotonic() - began_s

    queries, seconds = app.run(work)
    assert queries <= 1 + seconds / FRESH_S


def test_a_browser_logs_in_reads_and_logs_out(app: RunningApp) -> None:
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

    app.run(work)


def test_a_session_ends_with_its_token_and_changes_nothing_for_another_site(app: RunningApp) -> None:
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

    assert app.run(work) == [401, 201, 200, 401]


@pytest.mark.parametrize("next_path", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "//[", ""])
def test_logging_in_leads_nowhere_else(app: RunningApp, next_path: str) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> str:
        return str((await client.post("/login", data={"token": STATIC, "next": next_path})).headers["location"])

    assert app.run(work) == "/"


@pytest.mark.parametrize("path", ["/healthz", "/nowhere", "/login", "/api/v1/rules"])
def test_a_host_that_is_none_is_refused_in_the_one_shape(app: RunningApp, path: str) -> None:
    answer = app.request("GET", path, headers={"Host": "[evil", **BROWSER})
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_header")


def test_an_origin_that_is_none_is_another_site(app: RunningApp) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> int:
        await client.post("/login", data={"token": STATIC})
        return (await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["read"]}, headers={"Origin": "http://["})).status_code

    assert app.run(work) == 401


@pytest.mark.parametrize("path", ["/api/v1/tokens", "/api/v1/applications/app-1/cost/reconciliation"])
def test_a_huge_body_is_refused_before_it_is_held_whoever_sends_it(app: RunningApp, path: str) -> None:
    sent_bytes = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal sent_bytes
        for _ in range(64):
            sent_bytes += 1 << 20
            yield b" " * (1 << 20)

    async def work(client: httpx.AsyncClient, _app: FastAPI) -> httpx.Response:
        return await client.post(path, content=endless(), headers={"Content-Type": "application/json"})

    answer = app.run(work)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    assert sent_bytes <= 4 << 20


@pytest.mark.parametrize(
    ("team", "week", "status"), [("data%2Fplatform", "2026-W02", 200), ("data%2Fplatform", "0001-W02", 422), ("growth", "1970-W05", 422)]
)
def test_a_digest_is_there_for_every_team_and_no_week_is_a_fault(app: RunningApp, team: str, week: str, status: int) -> None:
    answer = app.request("GET", f"/api/v1/digests/{team}/{week}", headers=bearer(STATIC))
    assert answer.status_code == status, answer.text
    assert status != 200 or answer.json()["team"] == "data/platform"


def test_a_run_of_a_clock_that_is_far_off_is_in_the_list(app: RunningApp) -> None:
    for app_id, start in (("app-late", 1 << 60), ("app-early", -5)):
        log = lines({**application_start(app_id), "Timestamp": start}, task_ends(3))
        assert app.request("POST", "/api/v1/events", content=log, headers={**NDJSON, **bearer(STATIC)}).is_success
        assert app.request("GET", f"/api/v1/applications/{app_id}", headers=bearer(STATIC)).is_success
    listed = app.request("GET", "/api/v1/applications", headers=bearer(STATIC)).json()["applications"]
    assert {"app-late", "app-early"} <= {row["app_id"] for row in listed}


def test_no_refusal_holds_a_secret_or_sql(app: RunningApp) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> str:
        answers = [await client.get("/api/v1/applications", headers=bearer("slt_guess' OR 1=1")), await client.get("/api/v1/tokens/x")]
        answers.append(await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["root"]}, headers=bearer(STATIC)))
        answers.append(await client.post("/api/v1/tokens", json={"name": "x", "scopes": ["admin"], "team": "t"}, headers=bearer(STATIC)))
        assert [answer.status_code for answer in answers] == [401, 405, 422, 422]
        return "".join(answer.text for answer in answers)

    said = app.run(work)
    assert "SELECT" not in said
    assert "Traceback" not in said
    assert "slt_guess" not in said


def test_batches_of_all_kinds_pass_with_an_ingest_token(app: RunningApp) -> None:
    async def work(client: httpx.AsyncClient, _app: FastAPI) -> list[int]:
        secret = (await create(client, "ingest", team="growth"))["secret"]
        body = lines(application_start("app-all"), task_ends(5), application_end())
        return [(await client.post("/api/v1/events", content=body, headers={**NDJSON, **bearer(secret)})).status_code for _ in range(2)]

    assert app.run(work) == [200, 200]
