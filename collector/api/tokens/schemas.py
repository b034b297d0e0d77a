"""What the token endpoints take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Scope = Literal["ingest", "read", "admin"]
_LINE = r"^[^\x00-\x1f\x7f]*$"


class NewToken(BaseModel):
    """What a token is to be."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(description="Who or what uses it", min_length=1, max_length=200, pattern=_LINE, examples=["emr jobs"])
    scopes: list[Scope] = Field(description="`admin` includes the others", min_length=1, max_length=3, examples=[["ingest"]])
    team: str = Field(
        "", description="The only team whose runs it reads; empty for all", max_length=200, pattern=_LINE, examples=["growth"]
    )


class TokenInfo(BaseModel):
    """A token without its secret."""

    token_id: str = Field(examples=["3f2a9c01b7de"])
    name: str = Field(examples=["emr jobs"])
    scopes: list[Scope]
    team: str = Field(description="Empty for all teams")
    origin: str = Field(description="`created`, or `first_run`: made by the server for its own machine")
    created_at: datetime
    revoked: bool


class CreatedToken(TokenInfo):
    """A new token, with its secret."""

    secret: str = Field(description="Shown here and never again", examples=["slt_9mTq…"])


class TokenList(BaseModel):
    """Every token, oldest first."""

    tokens: list[TokenInfo]
