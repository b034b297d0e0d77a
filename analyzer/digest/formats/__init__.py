"""One module a format, each with `render(digest) -> str`."""

from __future__ import annotations

from collections.abc import Callable

from analyzer.digest.formats import html, markdown, text
from analyzer.digest.model import Digest

RENDERERS: dict[str, Callable[[Digest], str]] = {"text": text.render, "markdown": markdown.render, "html": html.render}
MEDIA_TYPES = {"text": "text/plain", "markdown": "text/markdown", "html": "text/html"}
