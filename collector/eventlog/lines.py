"""Reading the name of an event off its line, without reading the rest."""

from __future__ import annotations

import re

import msgspec

MAX_LINE_BYTES = 64 * 1024 * 1024
"""A longer line is refused: the longest seen in real logs, a SQL plan, has 1 MB."""

_NAME_FIRST = re.compile(rb'\s*\{\s*"Event"\s*:\s*"([^"\\]*)"')


class _Envelope(msgspec.Struct, gc=False):
    event: str = msgspec.field(name="Event")


_envelope = msgspec.json.Decoder(_Envelope)


def event_name(line: bytes) -> str:
    """The event's name without package: `SparkListenerSQLExecutionStart` for `org.apache.spark.sql.execution.ui.Spark...`.

    Spark writes the name first; a line where it stands elsewhere is read whole.

    Raises:
        msgspec.MsgspecError, ValueError: the line is no JSON object with an `Event`.
    """
    first = _NAME_FIRST.match(line)
    name = first[1].decode() if first else _envelope.decode(line).event
    return name.rpartition(".")[2]


def check_line(line: bytes) -> None:
    """Raise as `event_name` does where the line is no event: for events whose content nobody stores."""
    _envelope.decode(line)
