"""`token` in the data directory: how commands of the server's own user show that they may. Standard library only."""

from __future__ import annotations

import os
from pathlib import Path

FILE_NAME = "token"


def own_token_path(data_dir: Path) -> Path:
    """Where the token is kept."""
    return data_dir / FILE_NAME


def write_own_token(data_dir: Path, secret: str) -> None:
    """Keep the token in a file that only its owner may read."""
    data_dir.mkdir(parents=True, exist_ok=True)
    temporary = data_dir / f".{FILE_NAME}.{os.getpid()}"
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(secret + "\n")
    temporary.replace(own_token_path(data_dir))


def read_own_token(data_dir: Path) -> str | None:
    """The token, or None where there is none that this user may read."""
    try:
        return own_token_path(data_dir).read_text(encoding="ascii").strip() or None
    except (OSError, UnicodeDecodeError):
        return None
