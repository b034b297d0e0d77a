"""Whose events these are: the application and its attempt."""

from __future__ import annotations

import re
from dataclasses import dataclass

import msgspec

from collector.eventlog.lines import event_name
from collector.eventlog.second_reading import read

_START = b"SparkListenerApplicationStart"

_IDENTIFIER = re.compile(r"[!-~]{1,200}")

# <app id>[_<attempt>][.<codec>][.inprogress]; a YARN id holds underscores of its own, so each manager's shape is named.
# Source: EventLogFileWriter.getLogPath and the cluster managers' id formats in Apache Spark, read 2026-11.
_NAMED = re.compile(r"^(application_\d+_\d+|app-\d{14}-\d+|local-\d+|spark-[0-9a-f]{32}|spark-application-\d+)(?:_(\d+))?(?![0-9A-Za-z])")

# The folder of a rolling log, and a part of one, which may lie anywhere once it was copied.
_ROLLED = re.compile(r"^(eventlog_v2_|events_\d+_)")


class IdentityUnknown(ValueError):
    """Nothing says which application the events belong to: no `SparkListenerApplicationStart` and no other name."""


@dataclass(frozen=True, slots=True)
class Identity:
    """One attempt of one application. `attempt_id` is '' where Spark reports none."""

    app_id: str
    attempt_id: str = ""


class ApplicationStart(msgspec.Struct, gc=False):
    """`SparkListenerApplicationStart`; `App ID` was optional in Spark 1.x."""

    time: int = msgspec.field(name="Timestamp", default=0)
    app_id: str | None = msgspec.field(name="App ID", default=None)
    attempt_id: str | None = msgspec.field(name="App Attempt ID", default=None)
    name: str | None = msgspec.field(name="App Name", default=None)
    user: str | None = msgspec.field(name="User", default=None)


_decoder = msgspec.json.Decoder(ApplicationStart)


def find_start(data: bytes) -> ApplicationStart | None:
    """The first readable `SparkListenerApplicationStart` among event-log lines, or None."""
    if _START not in data:
        return None
    for line in data.split(b"\n"):
        if _START in line:
            try:
                if event_name(line) == _START.decode():
                    start: ApplicationStart = read(_decoder.decode, line)
                    return start
            except (msgspec.MsgspecError, ValueError, RecursionError):
                continue
    return None


def find_identity(data: bytes) -> Identity | None:
    """The identity that event-log lines themselves state, or None where they do not."""
    start = find_start(data)
    return None if start is None else identity_of(start)


def identity_of(start: ApplicationStart) -> Identity | None:
    """The identity that an application start states, or None where it has no `App ID` or one that is no identifier."""
    app_id, attempt_id = start.app_id or "", start.attempt_id or ""
    return Identity(app_id, attempt_id) if is_identifier(app_id) and is_identifier(attempt_id or app_id) else None


def is_identifier(text: str) -> bool:
    """Whether a text may be the id of an application or an attempt: 1 to 200 printable ASCII characters without spaces."""
    return _IDENTIFIER.fullmatch(text) is not None


def identity_of_file(name: str) -> Identity:
    """The identity that a log's file or folder name states, by Spark's naming; else the name without its suffixes is the id.

    `application_1713000000000_0001_2.zstd` is attempt 2 of `application_1713000000000_0001`.
    """
    stem = _ROLLED.sub("", name)
    named = _NAMED.match(stem)
    if named:
        return Identity(named[1], named[2] or "")
    return Identity(re.sub(r"(\.(inprogress|compact|zstd|zst|gz|lz4|snappy|lzf|bz2|xz|json|log))+$", "", stem) or name)


def completed_by_file(identity: Identity | None, name: str) -> Identity:
    """`identity` with what only the file name knows: the id in Spark 1.x, the attempt in a file `<app_id>_<attempt>`."""
    named = identity_of_file(name)
    if identity is None:
        return named
    if not identity.attempt_id and named.app_id == identity.app_id:
        return named
    return identity
