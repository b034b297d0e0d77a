"""What can go wrong between a Spark job and its listener.

ListenerError
├── BuildError      the jar could not be compiled
├── JarMissingError the jar is not there
├── SubmitError     a spark-submit command line could not be read
└── AttachError     a running session could not be listened to
"""

from __future__ import annotations


class ListenerError(Exception):
    """An error with a hint: what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(f"{message}\n\nhint: {hint}")
        self.message = message
        self.hint = hint


class BuildError(ListenerError):
    """The jar could not be compiled."""


class JarMissingError(ListenerError):
    """The jar is not where it should be."""


class SubmitError(ListenerError):
    """A spark-submit command line could not be read."""


class AttachError(ListenerError):
    """A running session could not be listened to."""
