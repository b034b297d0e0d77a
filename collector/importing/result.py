"""What became of one log."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ImportedLog:
    """The account of one log. Counts are of the log's content, also where it had been imported before."""

    path: str
    """Its path or URL; `archive!member` inside an archive."""
    app_id: str = ""
    attempt_id: str = ""
    events: int = 0
    bad_lines: int = 0
    unknown_events: int = 0
    already_imported: bool = False
    incomplete: bool = False
    """The log ended inside a line or a compressed stream, as a running or killed application leaves it, or parts of it are missing."""
    first_error: str = ""
    skipped: str = ""
    """Why nothing was imported; '' where the log was."""
    bad: tuple[str, ...] = ()
    """The first bad lines of a log that was imported now, as `line 7: reason`."""
