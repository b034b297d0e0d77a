"""What can stop the demonstration.

DemoError(Exception)    with a message that says what happened and a hint that says what to do
"""

from __future__ import annotations


class DemoError(Exception):
    """The demonstration cannot go on; `hint` says what the user may do."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = hint
