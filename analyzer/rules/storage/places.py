"""Where a scan reads: the location that a plan shows, made fit for a subject and a judgement."""

from __future__ import annotations

import re

_PATH = re.compile(r"([a-z][a-z0-9+.-]*)://?([^\s,\]]+)", re.IGNORECASE)
_VARIABLE = re.compile(r"(?<=[/=_-])(\d{4}-\d{2}-\d{2}(T[\d:.-]+Z?)?|\d{6,}|[0-9a-f]{8}-[0-9a-f-]{27})(?=[/._-]|$)")


def scheme_of(location: str) -> str:
    """`s3`, `s3a`, `hdfs`, `file`, ...; '' where the plan names no path."""
    match = _PATH.search(location)
    return match[1].lower() if match else ""


def place_of(location: str) -> str:
    """The first path of a location with dates and ids replaced by `*`, so that it is equal over runs."""
    match = _PATH.search(location)
    if match is None:
        return location[:200] or "unnamed scan"
    return f"{match[1].lower()}://{_VARIABLE.sub('*', match[2].lstrip('/'))}"[:200]


def is_remote(location: str) -> bool:
    """Whether files lie across a network, as far as the plan tells; a local disk opens a file in microseconds."""
    return scheme_of(location) not in ("file", "")
