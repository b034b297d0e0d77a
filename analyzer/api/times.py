"""Times of questions, in Unix milliseconds."""

from __future__ import annotations

from datetime import datetime, timezone

END_OF_TIME_MS = 4_102_444_800_001
"""Just after 2100-01-01, to which later times are set when they come in: an upper bound, exclusive, where none is asked for."""


def unix_ms(moment: datetime | None, otherwise_ms: int) -> int:
    """Unix milliseconds of a time; a time without a zone is taken as UTC."""
    if moment is None:
        return otherwise_ms
    aware = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    return int(aware.timestamp() * 1000)
