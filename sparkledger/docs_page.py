"""`/docs` from files in the package: no CDN, no inline script, so it works without a network and under a strict CSP."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import FileResponse
from fastapi.staticfiles import StaticFiles

STATIC_DIR = Path(__file__).parent / "static"
ASSETS = "/docs/assets"
CONTENT_SECURITY_POLICY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'none'"


def mount_docs(app: FastAPI) -> None:
    """Serve Swagger UI at `/docs` and its files below it.

    Expects an app made with `docs_url=None, redoc_url=None`; reads the schema from `/openapi.json`.
    """

    async def docs() -> FileResponse:
        return FileResponse(STATIC_DIR / "docs" / "index.html", headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY})

    app.add_api_route("/docs", docs, methods=["GET"], include_in_schema=False)
    app.mount(ASSETS, StaticFiles(directory=STATIC_DIR), name="docs_assets")
