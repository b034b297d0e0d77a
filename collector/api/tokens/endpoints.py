"""`/api/v1/tokens`."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from collector.access import Token, TokenBook, TokenError
from collector.api.errors import ErrorBody, refusal
from collector.api.logs import logger
from collector.api.tokens.schemas import CreatedToken, NewToken, TokenInfo, TokenList

router = APIRouter(prefix="/tokens", tags=["tokens"])
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": ErrorBody, "description": "No token has this id"}}


@router.get("", summary="List tokens")
def list_tokens(request: Request) -> TokenList:
    """Every token that there is or was, without secrets."""
    book = _book(request)
    book.refresh()
    return TokenList(tokens=[TokenInfo(**_shown(token)) for token in book.all()])


@router.post("", summary="Create a token", status_code=201)
def create_token(request: Request, wanted: NewToken) -> CreatedToken:
    """The secret is in this answer and never again. The first token that is created ends access without one."""
    try:
        secret, token = _book(request).create(wanted.name, wanted.scopes, wanted.team)
    except TokenError as error:
        raise refusal(422, "bad_token", str(error), error.hint) from error
    logger.info("token_created", token_id=token.token_id, scopes=list(token.scopes), team=token.team)
    return CreatedToken(**_shown(token), secret=secret)


@router.delete("/{token_id}", summary="Revoke a token", responses=_NOT_FOUND)
def revoke_token(request: Request, token_id: str) -> TokenInfo:
    """Ends it for good, with the sessions of browsers that logged in with it. Doing so twice is fine."""
    token = _book(request).revoke(token_id)
    if token is None:
        raise refusal(404, "token_not_found", f"no token `{token_id}`", "list them: `sparkledger token list`")
    logger.info("token_revoked", token_id=token.token_id)
    return TokenInfo(**_shown(token))


def _book(request: Request) -> TokenBook:
    book: TokenBook = request.app.state.guard.book
    return book


def _shown(token: Token) -> dict[str, Any]:
    return {name: getattr(token, name) for name in TokenInfo.model_fields}
