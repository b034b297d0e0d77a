"""Sessions of browsers: a signed cookie that names a token, so that pages need the token once and not in every request."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from itsdangerous import BadSignature, URLSafeTimedSerializer

COOKIE = "sparkledger_session"
LIFE_S = 12 * 3600
_KEY_BYTES = 32


class Sessions:
    """Signs and reads cookies. They hold no secret, end after `LIFE_S` and with their token, and survive a restart.

    The key is a file that only its owner may read. It is not in the store: who reads the tokens' hashes there can make no cookie.
    """

    def __init__(self, key: bytes) -> None:
        self._serializer = URLSafeTimedSerializer(key, salt="sparkledger session")

    def cookie(self, token_id: str) -> str:
        """The value of a new session's cookie."""
        return str(self._serializer.dumps(token_id))

    def token_id(self, cookie: str) -> str | None:
        """Whose session it is; None for a cookie that is not ours, or too old."""
        try:
            value = self._serializer.loads(cookie, max_age=LIFE_S)
        except BadSignature:
            return None
        return value if isinstance(value, str) else None


def key_in(directory: Path) -> bytes:
    """The key in `session.key`, made where it is missing; where that cannot be, one that lasts as long as this process."""
    path = directory / "session.key"
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
    except FileExistsError:
        pass
    except OSError:
        return secrets.token_bytes(_KEY_BYTES)
    try:
        key = path.read_bytes()
    except OSError:
        key = b""
    return key if len(key) == _KEY_BYTES else secrets.token_bytes(_KEY_BYTES)
