"""The tokens of a store, with a copy in memory: a request that carries a known token costs no query."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta, timezone

import pyarrow as pa

from collector.access.tokens import CREATED, Token, digest, new_secret, token_of
from collector.storage import Store, load_sql

FRESH_S = 5.0
"""How long the copy is used before it is read again: a token revoked through another collector works so much longer."""
_AGAIN_S = 1.0
"""An unknown token may be a new one: then the copy is read again, but not more often than this."""
_AFTER_CREATION = timedelta(seconds=1)
_TIME = pa.timestamp("ms", "UTC")
_SCHEMA = pa.schema(
    [
        ("token_id", pa.string()),
        ("token_hash", pa.string()),
        ("name", pa.string()),
        ("scopes", pa.list_(pa.string())),
        ("owner_team", pa.string()),
        ("origin", pa.string()),
        ("created_at", _TIME),
        ("revoked", pa.bool_()),
        ("changed_at", _TIME),
    ]
)


class TokenBook:
    """Creates, revokes and finds tokens. Safe to use from many threads."""

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: tuple[Token, ...] = ()
        self._by_hash: dict[str, Token] = {}
        self._read_at_s = float("-inf")

    @property
    def is_stale(self) -> bool:
        """Whether the copy should be read again, which `refresh` does."""
        return self._clock() - self._read_at_s > FRESH_S

    @property
    def may_refresh(self) -> bool:
        """Whether reading again may bring a token that the copy lacks."""
        return self._clock() - self._read_at_s > _AGAIN_S

    def refresh(self) -> None:
        """Read the tokens from the store. One thread reads while the others go on with the old copy; raises `StoreError`."""
        if not self._lock.acquire(blocking=not self._tokens):
            return
        try:
            began_s = self._clock()
            self._keep(_read(self._store))
            self._read_at_s = began_s
        finally:
            self._lock.release()

    def find(self, secret: str) -> Token | None:
        """The token with this secret in the copy, unless it is revoked.

        The secret is hashed before it is looked up, so how long that takes says nothing about the hashes that are kept.
        """
        found = self._by_hash.get(digest(secret))
        return found if found is not None and not found.revoked else None

    def find_id(self, token_id: str) -> Token | None:
        """The token with this id in the copy, unless it is revoked."""
        return next((token for token in self._tokens if token.token_id == token_id and not token.revoked), None)

    def all(self) -> tuple[Token, ...]:
        """Every token in the copy, revoked ones included, oldest first."""
        return self._tokens

    def create(self, name: str, scopes: Sequence[str], team: str = "", origin: str = CREATED) -> tuple[str, Token]:
        """Make a token; the secret is given here and never again. Raises `TokenError`."""
        secret = new_secret()
        token = token_of(secret, name=name, scopes=scopes, team=team, origin=origin, now=_now())
        self._write(token)
        return secret, token

    def revoke(self, token_id: str) -> Token | None:
        """Make a token invalid for good; None where there is none of this id. Doing so twice is fine."""
        self._reread()
        found = next((token for token in self._tokens if token.token_id == token_id), None)
        if found is None or found.revoked:
            return found
        revoked = Token(**{name: getattr(found, name) for name in Token.__slots__ if name != "revoked"}, revoked=True)
        self._write(revoked)
        return revoked

    def _write(self, token: Token) -> None:
        row = {name: getattr(token, name) for name in Token.__slots__ if name != "team"}
        # A collector whose clock is behind must still be able to revoke what another created.
        changed_at = max(_now(), token.created_at + _AFTER_CREATION) if token.revoked else token.created_at
        row |= {"scopes": list(token.scopes), "owner_team": token.team, "changed_at": changed_at}
        self._store.insert("access_tokens", pa.Table.from_pylist([row], schema=_SCHEMA))
        self._reread()

    def _reread(self) -> None:
        with self._lock:
            self._keep(_read(self._store))
            self._read_at_s = self._clock()

    def _keep(self, tokens: Iterable[Token]) -> None:
        self._tokens = tuple(tokens)
        self._by_hash = {token.token_hash: token for token in self._tokens}


def _read(store: Store) -> list[Token]:
    rows = store.rows(load_sql(__file__, "tokens"))
    return [Token(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]


def _now() -> datetime:
    return datetime.now(timezone.utc)
