"""Logging a browser in: a token once, then a cookie that scripts cannot read and other sites cannot use."""

from __future__ import annotations

from urllib.parse import parse_qs

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from analyzer.web import login_page
from collector.access.sessions import COOKIE, LIFE_S
from collector.api import Guard
from collector.api.body import read_body

_FORM_BYTES = 4096
_FORM_TIMEOUT_S = 10.0

router = APIRouter(include_in_schema=False)


@router.get("/login")
def form(request: Request) -> HTMLResponse:
    """The form; where it leads afterwards is the page that was asked for."""
    return login_page(request, next_path=_own_path(request.query_params.get("next", "/")))


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Set the cookie where the token may read; else the form again."""
    body = await read_body(request, limit_bytes=_FORM_BYTES, timeout_s=_FORM_TIMEOUT_S, hold=lambda _size: None)
    fields = parse_qs(body.decode("utf-8", "replace"))
    secret, next_path = (fields.get(name, [""])[0].strip() for name in ("token", "next"))
    guard: Guard = request.app.state.guard
    access = await guard.of_secret(secret) if secret else None
    if access is None or not access.may("read"):
        problem = "That token is not known here, or was revoked." if access is None else "That token may not read: it lacks the scope read."
        return login_page(request, next_path=_own_path(next_path), problem=problem, status=401)
    answer = RedirectResponse(_own_path(next_path), 303)
    secure = request.url.scheme == "https"
    answer.set_cookie(COOKIE, guard.sessions.cookie(access.key), max_age=LIFE_S, httponly=True, samesite="strict", secure=secure, path="/")
    return answer


@router.post("/logout")
def log_out() -> Response:
    """Take the cookie back."""
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
    return answer


def _own_path(path: str) -> str:
    """A path of this server; `/` for anything that leads elsewhere."""
    own = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable()
    return path if own else "/"
