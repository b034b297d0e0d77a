"""What became of one log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ImportedLog:
    """The account of one log. Counts are of the log's content, also where it had been imported before."""

    path: Path
    app_id: str = ""
    attempt_id: str = ""
    events: int = 0
    bad_lines: int = 0
    unknown_events: int = 0
    already_imported: bool = False
    incomplete: bool = False
    """The log ended inside a line or a compressed stream, as a running or killed application leaves it."""
    first_error: str = ""
    skipped: str = ""
    """Why nothing was imported; '' where the log was."""
