"""The pages: all applications, one application with its findings, and the explanation of a rule."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, params
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markdown_it import MarkdownIt

from analyzer.api.applications.endpoints import get_application, list_applications, list_findings, list_stages
from analyzer.api.dependencies import Attempt, Cursor, LedgerDep, Pipeline, Team
from analyzer.rules.registry import explain
from analyzer.web import figures
from analyzer.web.core_time_bar import parts

HERE = Path(__file__).parent
STAGES_SHOWN = 200

_templates = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
)
_templates.env.filters.update(
    core_time=figures.core_time, duration=figures.duration, moment=figures.moment, share=figures.share, size=figures.size, usd=figures.usd
)
_templates.env.globals.update(usd_range=figures.usd_range, quantity=figures.quantity)
_markdown = MarkdownIt("commonmark", {"html": False}).enable("table")

router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)


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
    stages = list_stages(ledger, app_id, application.attempt_id, limit=STAGES_SHOWN)
    return _render(
        request,
        "application.html.j2",
        application=application,
        findings=findings,
        stages=stages.stages,
        more_stages=stages.next_cursor is not None,
        parts=parts(application.core_time),
    )


@router.get("/rules/{code}")
def rule_page(request: Request, code: str) -> HTMLResponse:
    return _render(request, "rule.html.j2", code=code, body=_markdown.render(explain(code)))


def _render(request: Request, template: str, **context: Any) -> HTMLResponse:
    return _templates.TemplateResponse(request, template, context)
