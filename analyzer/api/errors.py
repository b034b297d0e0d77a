"""Refusals. The server writes every HTTPException whose detail has these keys in the one error shape of the event stream."""

from __future__ import annotations

from typing import Any

from fastapi import HTTPException
from pydantic import BaseModel, Field


class ErrorDetail(BaseModel):
    """What went wrong and what to do about it."""

    status: int = Field(examples=[404])
    code: str = Field(examples=["application_not_found"])
    message: str = Field(examples=["no application `app-1`"])
    hint: str = Field(examples=["list them: GET /api/v1/applications"])
    request_id: str = Field(examples=["5f0c2f6c9d3b4f57"])


class ErrorBody(BaseModel):
    """The one shape of every refusal."""

    error: ErrorDetail


NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": ErrorBody, "description": "Nothing by that name; the hint says what there is"}}


def not_found(code: str, message: str, hint: str) -> HTTPException:
    """A 404 to raise."""
    return HTTPException(404, detail={"code": code, "message": message, "hint": hint})


def invalid(code: str, message: str, hint: str) -> HTTPException:
    """A 422 to raise: the request was understood and cannot be answered."""
    return HTTPException(422, detail={"code": code, "message": message, "hint": hint})
