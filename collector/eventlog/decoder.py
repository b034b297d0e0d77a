"""Event-log lines in, Arrow tables out: stateless, so a batch needs no earlier batch and a repetition changes nothing."""

from __future__ import annotations

import io
import sys
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from collector.eventlog.batch import MAX_BAD_LINES, MAX_DAYS, MAX_ROWS, BadLine, BatchTooLarge, DecodedBatch
from collector.eventlog.blocks import block_table, decode_block
from collector.eventlog.events import HANDLERS, IGNORED
from collector.eventlog.identity import ApplicationStart, Identity, IdentityUnknown, find_identity, is_identifier
from collector.eventlog.lines import MAX_LINE_BYTES, check_line, event_name
from collector.eventlog.rows import Row
from collector.eventlog.schemas import concatenated, table_of
from collector.eventlog.second_reading import read
from collector.eventlog.task_ends import decode_task_end, task_end_table
from collector.eventlog.values import Adjustments

# As Spark writes them; the two make up nearly all lines of a log, so they are told apart without reading the name.
_TASK_END = b'{"Event":"SparkListenerTaskEnd"'
_TASK_START = b'{"Event":"SparkListenerTaskStart"'
_BLOCK_NAME = "SparkledgerTaskEnds"
_TASK_END_NAME = "SparkListenerTaskEnd"
_TASK_START_NAME = "SparkListenerTaskStart"
_LONGEST = MAX_LINE_BYTES + 1  # with its newline
_UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError, OverflowError, pa.ArrowInvalid)

# SQL plans nest as deep as the query; JSON is read recursively, and the interpreter's usual limit is about 500 operators.
_DEEP_RECURSION = 10_000
_deep = threading.Lock()


def decode(
    data: bytes | Iterable[bytes], identity: Identity | None = None, *, first_line: int = 1, may_be_cut: bool = False
) -> DecodedBatch:
    """Decode lines into tables. Bad lines are left out and reported.

    Args:
        data: lines, whole or as chunks of whole lines.
        identity: whose events they are; None to find it in the data.
        first_line: number of the first line, for reports.
        may_be_cut: a last line without an end that cannot be read sets `incomplete` instead of counting as bad.

    Raises:
        IdentityUnknown: no identity was given, and the data holds none.
        BatchTooLarge: the lines hold more than one batch may.
    """
    if identity is None:
        data = data if isinstance(data, bytes) else b"".join(data)
        identity = find_identity(data)
        if identity is None:
            raise IdentityUnknown("no `SparkListenerApplicationStart` with an `App ID` among the events")
    decoding = _Decoding(identity, first_line)
    for chunk in (data,) if isinstance(data, bytes) else data:
        decoding.read(chunk, may_be_cut)
    return decoding.finish()


class _Decoding:
    """One call of `decode`."""

    def __init__(self, identity: Identity, first_line: int) -> None:
        self._identity = identity
        self._first_line = first_line
        self._lines = self._events = self._bad_line_count = self._malformed = self._task_starts = 0
        self._room = MAX_ROWS
        self._unknown: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()
        self._bad_lines: list[BadLine] = []
        self._adjusted: Adjustments = Counter()
        self._incomplete = False
        self._task_ends: list[Any] = []
        self._blocks: list[pa.Table] = []
        self._rows: defaultdict[str, list[Row]] = defaultdict(list)

    def read(self, chunk: bytes, may_be_cut: bool) -> None:
        # One line after another, since a list of them all would leave the processor's cache before they are read.
        for line in io.BytesIO(chunk):
            if not line.endswith(b"\n"):
                self._read_last(line, may_be_cut)
                break
            self._lines += 1
            if not line.isspace():
                self._read_line(line)

    def _read_last(self, line: bytes, may_be_cut: bool) -> None:
        self._lines += 1
        if may_be_cut and not _is_json(line):
            self._incomplete = True
        elif not line.isspace():
            self._read_line(line)

    def _read_line(self, line: bytes) -> None:
        try:
            if line.startswith(_TASK_END):
                self._events += self._read_task_end(line)
            elif line.startswith(_TASK_START):
                check_line(line)
                self._events += 1
                self._task_starts += 1
            elif len(line) <= _LONGEST:
                self._events += self._read_named(event_name(line), line)
            else:
                raise ValueError(f"longer than {MAX_LINE_BYTES} bytes")
        except _UNREADABLE as error:
            self._bad(error, line)

    def _read_task_end(self, line: bytes) -> int:
        self._task_ends.append(read(decode_task_end, line))
        self._take_room(1)
        return 1

    def _read_named(self, name: str, line: bytes) -> int:
        """Number of events that the line holds."""
        if name == _TASK_END_NAME:
            return self._read_task_end(line)
        if name == _BLOCK_NAME:
            block = decode_block(line)
            if block.count > self._room:
                raise _too_many_rows()
            self._blocks.append(block_table(block, self._identity, self._adjusted))
            self._take_room(block.count)
            return int(block.count)
        handler = HANDLERS.get(name)
        if handler is None:
            check_line(line)
            (self._counted if name in IGNORED else self._unknown)[name] += 1
            return 1
        event = read(partial(_decoded, handler.decode), line)
        self._check_identity(event)
        adjusted: Adjustments = Counter()
        rows = list(islice(handler.rows(event, adjusted), self._room + 1))
        self._take_room(len(rows))
        self._adjusted.update(adjusted)
        for table, row in rows:
            self._rows[table].append(row)
        return 1

    def _take_room(self, rows: int) -> None:
        self._room -= rows
        if self._room < 0:
            raise _too_many_rows()

    def _check_identity(self, event: Any) -> None:
        # An id that is no identifier names nobody: its events came under another name already.
        if isinstance(event, ApplicationStart) and is_identifier(event.app_id or "") and event.app_id != self._identity.app_id:
            raise ValueError(f"starts application `{event.app_id}` among events of `{self._identity.app_id}`")

    def _bad(self, error: Exception, line: bytes) -> None:
        self._bad_line_count += 1
        self._malformed += len(line) <= _LONGEST and _is_json(line)
        if len(self._bad_lines) < MAX_BAD_LINES:
            self._bad_lines.append(BadLine(self._first_line + self._lines - 1, str(error)[:500]))

    def finish(self) -> DecodedBatch:
        tables = {name: table_of(name, self._identity, rows) for name, rows in self._rows.items()}
        tasks = list(self._task_tables())
        if tasks:
            tables["tasks"] = tasks[0] if len(tasks) == 1 else concatenated(tasks)
            _check_days(tables["tasks"])
        if self._task_starts:
            self._counted[_TASK_START_NAME] += self._task_starts
        return DecodedBatch(
            identity=self._identity,
            tables=tables,
            lines=self._lines,
            events=self._events,
            unknown_events=self._unknown,
            bad_lines=self._bad_lines,
            bad_line_count=self._bad_line_count,
            malformed_lines=self._malformed,
            counted_events=self._counted,
            adjusted=self._adjusted,
            incomplete=self._incomplete,
        )

    def _task_tables(self) -> Iterator[pa.Table]:
        if self._task_ends:
            yield task_end_table(self._task_ends, self._identity, self._adjusted)
        yield from (block for block in self._blocks if block.num_rows)


def _too_many_rows() -> BatchTooLarge:
    return BatchTooLarge(f"holds more than {MAX_ROWS:,} rows at once")


def _check_days(tasks: pa.Table) -> None:
    if pc.count_distinct(tasks["launch_time"].cast(pa.date32())).as_py() > MAX_DAYS:
        raise BatchTooLarge(f"holds tasks of more than {MAX_DAYS} days at once")


def _decoded(decode_event: Callable[[bytes], Any], line: bytes) -> Any:
    try:
        return decode_event(line)
    except RecursionError:
        with _deep:
            usual = sys.getrecursionlimit()
            sys.setrecursionlimit(max(usual, _DEEP_RECURSION))
            try:
                return decode_event(line)
            finally:
                sys.setrecursionlimit(usual)


def _is_json(line: bytes) -> bool:
    try:
        check_line(line)
    except msgspec.ValidationError:
        return True
    except _UNREADABLE:
        return False
    return True
