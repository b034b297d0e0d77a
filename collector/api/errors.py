"""Every refusal in one shape: `{"error": {status, code, message, hint, request_id}}`."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.requests import ClientDisconnect

from collector.api.logs import logger
from collector.api.request_context import current_request_id
from collector.storage import BackPressure, StoreError, StoreUnavailable

UNAVAILABLE_RETRY_AFTER_S = 5


class ErrorDetail(BaseModel):
    """What went wrong and what to do about it."""

    status: int = Field(examples=[413])
    code: str = Field(description="Stable name of the kind of refusal", examples=["body_too_large"])
    message: str = Field(examples=["the body is larger than 134,217,728 bytes"])
    hint: str = Field(examples=["send fewer lines at once; a whole event log of any size goes in with `sparkledger import LOG`"])
    request_id: str = Field(description="Also in the X-Request-Id header and the log", examples=["5f0c2f6c9d3b4f57"])


class ErrorBody(BaseModel):
    """The one shape of every refusal."""

    error: ErrorDetail


def refusal(
    status: int, code: str, message: str, hint: str = "", *, retry_after_s: int | None = None, headers: Mapping[str, str] | None = None
) -> HTTPException:
    """An exception that becomes an answer in the one shape."""
    sent = dict(headers or {})
    if retry_after_s is not None:
        sent["Retry-After"] = str(retry_after_s)
    return HTTPException(status, detail={"code": code, "message": message, "hint": hint}, headers=sent)


def error_response(status: int, code: str, message: str, hint: str = "", headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An answer in the one shape."""
    detail = {"status": status, "code": code, "message": message, "hint": hint, "request_id": current_request_id()}
    return JSONResponse({"error": detail}, status, dict(headers or {}))


def install_error_handlers(app: FastAPI) -> None:
    """Answer every exception in the one shape; unexpected ones are the request log's, which also records their trace."""
    app.add_exception_handler(StarletteHTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(StoreError, _store_error)
    app.add_exception_handler(ClientDisconnect, _disconnected)


async def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StarletteHTTPException)
    detail: Any = error.detail
    if isinstance(detail, Mapping) and {"code", "message"} <= detail.keys():
        return error_response(error.status_code, detail["code"], detail["message"], detail.get("hint", ""), error.headers)
    phrase = HTTPStatus(error.status_code).phrase
    if error.status_code == HTTPStatus.NOT_FOUND:
        return error_response(404, "not_found", f"nothing at `{request.url.path}`", "GET /openapi.json lists what there is")
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        allowed = (error.headers or {}).get("Allow", "")
        message = f"`{request.method}` is not possible at `{request.url.path}`"
        return error_response(405, "method_not_allowed", message, f"possible: {allowed}" if allowed else "", error.headers)
    return error_response(error.status_code, phrase.lower().replace(" ", "_"), str(detail or phrase), "", error.headers)


async def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    problems = [f"`{'.'.join(str(part) for part in problem['loc'])}`: {problem['msg']}" for problem in error.errors()]
    return error_response(422, "invalid_request", "; ".join(problems), "GET /openapi.json describes the parameters")


async def _store_error(request: Request, error: Exception) -> JSONResponse:
    """No SQL leaves the server: the log has the store's own words under the request's id."""
    logger.warning("store_error", error=str(error), hint=getattr(error, "hint", ""))
    if isinstance(error, BackPressure):
        return error_response(
            429, "queue_full", "more is waiting to be stored than the collector holds", error.hint, _retry(error.retry_after_s)
        )
    if isinstance(error, StoreUnavailable):
        message = "the store cannot serve this request now"
        return error_response(503, "store_unavailable", message, "try again later", _retry(UNAVAILABLE_RETRY_AFTER_S))
    return error_response(500, "store_error", "the store refused a statement", "the collector's log has the reason under this request_id")


async def _disconnected(request: Request, error: Exception) -> JSONResponse:
    return error_response(400, "client_disconnected", "the client went away before its request was whole")


def _retry(seconds: int) -> dict[str, str]:
    return {"Retry-After": str(seconds)}
