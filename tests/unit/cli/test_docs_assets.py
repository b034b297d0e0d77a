"""The files behind /docs are those that were vendored, and nothing else is loaded."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from sparkledger.docs_page import STATIC_DIR

VENDORED = next((STATIC_DIR / "vendor").glob("swagger-ui-*"))


def test_vendored_files_are_what_the_manifest_says() -> None:
    listed = dict(reversed(line.split()) for line in (VENDORED / "SHA256SUMS").read_text().splitlines())
    present = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDORED.iterdir() if path.name != "SHA256SUMS"}
    assert present == listed
    assert "LICENSE" in present


def test_the_page_names_only_files_of_the_package() -> None:
    page = (STATIC_DIR / "docs" / "index.html").read_text()
    named = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert [name for name in named if not name.startswith(("/docs/assets/", "/openapi.json"))] == []
    missing = [name for name in named if name.startswith("/docs/") and not Path(STATIC_DIR, name.removeprefix("/docs/assets/")).is_file()]
    assert missing == []
