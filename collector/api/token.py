"""One token for everything under `/api/v1`, where the collector is given one."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from collector.api.errors import refusal

_bearer = HTTPBearer(auto_error=False, description="Only where the collector is started with a token")


def require_token(request: Request, sent: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> None:
    """Refuse a request without the collector's token. `app.state.token` is None where the collector asks for none."""
    token: str | None = request.app.state.token
    if token is None:
        return
    if sent is None or not secrets.compare_digest(sent.credentials.encode(), token.encode()):
        raise refusal(
            401,
            "unauthorized",
            "this collector asks for a token" if sent is None else "the token is not the collector's",
            "send `Authorization: Bearer TOKEN`; for a Spark job set spark.sparkledger.token",
            headers={"WWW-Authenticate": "Bearer"},
        )
