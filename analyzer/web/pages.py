"""The pages: all applications, one application with its findings, and the explanation of a rule."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException, Request, Response, params
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from analyzer import figures
from analyzer.api.applications.endpoints import get_application, list_applications, list_findings, list_stages
from analyzer.api.dependencies import Attempt, Cursor, LedgerDep, Pipeline, Team
from analyzer.api.rules.endpoints import get_rule
from analyzer.api.s3.endpoints import get_s3
from analyzer.api.waterfall.endpoints import get_waterfall
from analyzer.web.core_time_bar import parts, parts_of

HERE = Path(__file__).parent
GUARDS = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; style-src 'self' 'unsafe-inline'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Headers of every page: no script runs whatever a name holds, no other site frames it, and nothing keeps what one team may read."""
STAGES_SHOWN = 200
DIVIDED_TASKS = 300_000
"""Larger applications show the coarse parts: dividing each task's time takes longer than a page may."""


def _moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M UTC")


_templates = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
)
_templates.env.filters.update(
    core_time=figures.core_time, duration=figures.duration, moment=_moment, share=figures.share, size=figures.size, usd=figures.usd
)
_templates.env.globals.update(
    core_time_range=figures.core_time_range,
    freed=figures.freed,
    count=figures.count,
    quantity=figures.quantity,
    usd_range=figures.usd_range,
    number_range=figures.number_range,
)
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")


class PageRoute(APIRoute):
    """A page that refuses a browser in words rather than JSON; programs get the one shape of refusals."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            try:
                return await answer(request)
            except HTTPException as error:
                if "text/html" not in request.headers.get("Accept", ""):
                    raise
                if error.status_code == 401:
                    return login_page(request, next_path=_asked_for(request), status=401)
                return _refusal(request, error)

        return handler


router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse, route_class=PageRoute)


def mount_pages(app: FastAPI, dependencies: Sequence[params.Depends] = ()) -> None:
    """Add the pages, guarded by `dependencies`, and their style sheet to `app`."""
    app.include_router(router, dependencies=list(dependencies))
    app.mount("/static", StaticFiles(directory=HERE / "static"), name="static")


@router.get("/")
def applications_page(request: Request, ledger: LedgerDep, team: Team = "", pipeline: Pipeline = "", cursor: Cursor = "") -> HTMLResponse:
    page = list_applications(ledger, team=team, pipeline=pipeline, cursor=cursor)
    return _render(request, "applications.html.j2", page=page, team=team, pipeline=pipeline)


@router.get("/applications/{app_id}")
def application_page(request: Request, ledger: LedgerDep, app_id: str, attempt: Attempt = None) -> HTMLResponse:
    application = get_application(ledger, app_id, attempt)
    findings = list_findings(ledger, app_id, application.attempt_id).findings
    divided = get_waterfall(ledger, app_id, application.attempt_id) if application.work.task_ends <= DIVIDED_TASKS else None
    stages = list_stages(ledger, app_id, application.attempt_id, limit=STAGES_SHOWN)
    return _render(
        request,
        "application.html.j2",
        application=application,
        findings=findings,
        stages=stages.stages,
        more_stages=stages.next_cursor is not None,
        parts=parts(application.core_time) if divided is None else parts_of(divided),
        memory=None if divided is None else divided.memory,
        s3=get_s3(ledger, app_id, application.attempt_id),
    )


@router.get("/rules/{code}")
def rule_page(request: Request, code: str) -> HTMLResponse:
    rule = get_rule(code)
    return _render(request, "rule.html.j2", code=rule.code, body=_markdown.render(rule.markdown))


def login_page(request: Request, *, next_path: str, problem: str = "", status: int = 200) -> HTMLResponse:
    """The form that asks for a token. Whoever mounts the pages takes it, as a POST to `/login`."""
    return _templates.TemplateResponse(request, "login.html.j2", {"next_path": next_path, "problem": problem}, status, GUARDS)


def _asked_for(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def _refusal(request: Request, error: HTTPException) -> HTMLResponse:
    detail: Any = error.detail
    told = detail if isinstance(detail, Mapping) else {"message": str(detail)}
    context = {"status": error.status_code, "message": told["message"], "hint": told.get("hint", "")}
    return _templates.TemplateResponse(request, "refusal.html.j2", context, error.status_code, {**(error.headers or {}), **GUARDS})


def _render(request: Request, template: str, **context: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, template, context, headers=GUARDS)
