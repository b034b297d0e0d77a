"""Tokens: what they look like, how they are kept, what they allow.

A token is `slt_` and 256 bits from the operating system's generator. It is kept as its plain SHA-256: salts and slow hashes
(argon2, scrypt) make *guessable* passwords dear to try, and nobody tries 2**256 values, whereas a slow hash would cost every
request of a listener tens of milliseconds. Source: OWASP Password Storage and Session Management cheat sheets, read 2026-11.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

INGEST, READ, ADMIN = "ingest", "read", "admin"
SCOPES = (INGEST, READ, ADMIN)
"""`admin` includes the others."""

CREATED, FIRST_RUN = "created", "first_run"
PREFIX = "slt_"
_SECRET_BYTES = 32
_ID_CHARACTERS = 12
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,200}")


class TokenError(ValueError):
    """A token cannot be made as asked; `hint` says what can."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Access:
    """What a request may do, by its token or for want of one."""

    key: str
    """Names the holder in logs and rate limits: a token's id, `static`, `session:…`, or an address. Never a secret."""
    scopes: frozenset[str]
    team: str = ""
    """The only team whose runs it reads; '' for all."""

    def may(self, scope: str) -> bool:
        """Whether it allows what `scope` names."""
        return scope in self.scopes or ADMIN in self.scopes


@dataclass(frozen=True, slots=True)
class Token:
    """What is kept of a token."""

    token_id: str
    token_hash: str
    name: str
    scopes: tuple[str, ...]
    team: str
    origin: str
    created_at: datetime
    revoked: bool = False

    @property
    def access(self) -> Access:
        return Access(self.token_id, frozenset(self.scopes), self.team)


def new_secret() -> str:
    """A token, to be shown once."""
    return PREFIX + secrets.token_urlsafe(_SECRET_BYTES)


def digest(secret: str) -> str:
    """The hash under which a token is kept: SHA-256, hexadecimal."""
    return hashlib.sha256(secret.encode("utf-8", "surrogateescape")).hexdigest()


def token_of(secret: str, *, name: str, scopes: Sequence[str], team: str, origin: str, now: datetime) -> Token:
    """What to keep of a secret. Raises `TokenError` for an unknown scope, or a name or team that is none."""
    unknown = [scope for scope in scopes if scope not in SCOPES]
    if unknown or not scopes:
        raise TokenError(f"`{unknown[0]}` is no scope" if unknown else "a token without a scope", hint=f"scopes: {', '.join(SCOPES)}")
    if ADMIN in scopes and team:
        raise TokenError("an admin token is for all teams", hint="leave out the team, or the scope `admin`")
    for what, text in (("name", name), ("team", team or "-")):
        if not _NAME.fullmatch(text):
            raise TokenError(f"`{text!r}` is no {what}", hint="write 1 to 200 characters without line breaks")
    hashed = digest(secret)
    ordered = tuple(scope for scope in SCOPES if scope in scopes)
    return Token(hashed[:_ID_CHARACTERS], hashed, name, ordered, team, origin, now)
