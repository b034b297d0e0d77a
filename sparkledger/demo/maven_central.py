"""Jars fetched from Maven Central once, checked by digest and kept."""

from __future__ import annotations

import hashlib
import os
import urllib.request
from pathlib import Path

MAVEN_CENTRAL = "https://repo1.maven.org/maven2"
TIMEOUT_S = 60


class JarsUnavailable(Exception):
    """The jars cannot be had: no network, another version than fits, or a digest that does not match."""


def fetch_jar(path: str, sha256: str, cache: Path) -> Path:
    """The jar at `path` of the repository, downloaded into `cache` where it is missing or damaged.

    Raises:
        JarsUnavailable: with the reason in words.
    """
    kept = cache / path.rsplit("/", 1)[1]
    if kept.is_file() and _digest(kept.read_bytes()) == sha256:
        return kept
    cache.mkdir(parents=True, exist_ok=True)
    try:
        with urllib.request.urlopen(f"{MAVEN_CENTRAL}/{path}", timeout=TIMEOUT_S) as response:
            content: bytes = response.read()
    except OSError as error:
        raise JarsUnavailable(f"Maven Central cannot be reached ({error})") from error
    if _digest(content) != sha256:
        raise JarsUnavailable(f"{kept.name} has another digest than expected")
    part = kept.with_suffix(f".{os.getpid()}.part")  # others may fetch the same at the same time
    part.write_bytes(content)
    part.replace(kept)
    return kept


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
