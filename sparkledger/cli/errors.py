"""How a command fails.

Exit codes: 0 done · 1 the answer is no (a finding above the asked severity, a bad log, a failed check) · 2 used wrongly, or
nothing by that name · 3 unavailable (no server, store locked, extra not installed).
"""

from __future__ import annotations

FAILED = 1
USAGE = 2
UNAVAILABLE = 3


class CliError(Exception):
    """Ends the command: `message` and `hint` go to stderr, `exit_code` to the shell."""

    def __init__(self, message: str, *, hint: str = "", exit_code: int = UNAVAILABLE) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code
