"""From places to rows: logs are read ahead, decoded by whoever decodes, and taken in order while the sink inserts."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from collector.arrow_alone import keep_pandas_out
from collector.eventlog import BatchTooLarge
from collector.eventlog.codecs import StreamState
from collector.eventlog.files import UNREADABLE
from collector.eventlog.identity import ApplicationStart, Identity, completed_by_file, find_start, identity_of
from collector.eventlog.ranges import FileRange, Piece, bytes_of, pieces_of
from collector.eventlog.sources import LogSource, find_logs
from collector.eventlog.values import time_ms
from collector.eventlog.worker import DecoderDied
from collector.importing.catalog import Catalog, KnownLog
from collector.importing.decoders import Decoded, Decoders, decoders_for
from collector.importing.outbox import LogBatches, Outbox, Sink
from collector.importing.progress import Progress, Silent
from collector.importing.record import LogAccount
from collector.importing.result import ImportedLog

_SEARCHED_BYTES = 64 * 1024 * 1024
"""How far into a log the start of its application is looked for; it is among the first lines."""

_UNREADABLE = (BatchTooLarge, DecoderDied, *UNREADABLE)


class Skip(Exception):
    """This log is not imported; the text says why."""


def import_paths(
    places: Iterable[str | Path], sink: Sink, catalog: Catalog, progress: Progress | None = None, processes: int | None = None
) -> list[ImportedLog]:
    """Import every log at the paths and URLs; all is durable on return. Importing a log again changes nothing.

    A log whose application and attempt are known with another start time is another run, and is skipped rather than mixed in.

    Args:
        places: paths, URLs of folders or files, archives.
        sink: where rows go.
        catalog: what is there already.
        progress: told what happens.
        processes: that decode beside this one; None for as many as suit the logs' size.

    Raises:
        SourceNotFound: a path does not exist.
        StoreError: the sink failed; what was imported before stays.
    """
    sources = [source for place in places for source in find_logs(place)]
    with decoders_for(sources, processes) as decoders:
        return import_sources(sources, sink, catalog, decoders, progress)


def import_sources(
    sources: Sequence[LogSource], sink: Sink, catalog: Catalog, decoders: Decoders, progress: Progress | None = None
) -> list[ImportedLog]:
    """Import logs that were found before; see `import_paths`. Decoders that are started before the sink is open start beside it."""
    keep_pandas_out()
    progress = progress or Silent()
    progress.found(list(sources))
    importer = _Importer(sink, catalog, progress, decoders)
    logs = []
    for log in importer.run(sources):
        progress.finished(log)
        logs.append(log)
    importer.wait()
    return logs


@dataclass(slots=True)
class _Reading:
    """One log on its way."""

    source: LogSource
    version: tuple[object, ...] = ()
    digest: str = ""
    start: ApplicationStart | None = None
    identity: Identity = field(default_factory=lambda: Identity(""))
    pieces: Iterator[Piece] | None = None
    ranges: bool = False
    """Whether the pieces are read where they are decoded."""
    state: StreamState = field(default_factory=StreamState)
    account: LogAccount = field(default_factory=LogAccount)
    batches: LogBatches | None = None
    copy: bool = False
    failure: str = ""


class _Importer:
    """One import of several logs. Batches of different logs overlap; the record of a log follows all its rows."""

    def __init__(self, sink: Sink, catalog: Catalog, progress: Progress, decoders: Decoders) -> None:
        self._outbox = Outbox(sink)
        self._catalog = catalog
        self._progress = progress
        self._decoders = decoders
        # Pieces that are being decoded, each with its log; None stands for a log's end.
        self._under_way: deque[tuple[_Reading, Decoded | None]] = deque()
        # What this import read or wrote may not be in the store yet.
        self._read: set[str] = set()
        self._logs: dict[str, KnownLog] = {}
        self._starts: dict[Identity, int] = {}

    def run(self, sources: Iterable[LogSource]) -> Iterator[ImportedLog]:
        """The logs' accounts, in order."""
        for source in sources:
            reading = _Reading(source)
            self._progress.started(source)
            try:
                for decoded in self._decoding(reading):
                    self._under_way.append((reading, decoded))
                    yield from self._take(self._decoders.ahead)
            except (Skip, *_UNREADABLE) as error:
                reading.failure = _why(error)
            self._under_way.append((reading, None))
            yield from self._take(self._decoders.ahead)
        yield from self._take(0)

    def wait(self) -> None:
        """Until everything is durable."""
        self._outbox.drain()

    def _decoding(self, reading: _Reading) -> Iterator[Decoded]:
        """Hand the pieces of a log to the decoders; none where the log is known."""
        early = self._decoding_early(reading) if self._catalog.opening else []
        reading.digest = reading.source.digest()
        if self._is_known(reading):
            _drop(early)
            return
        if early and reading.source.version != reading.version:
            # The log grew: what came after the pieces were cut is in the digest, so it has to be imported, too.
            _drop(early)
            reading.pieces, reading.state = None, StreamState()
        pieces = reading.pieces or self._open(reading)
        self._refuse_other_run(reading.identity, reading.start)
        reading.batches = LogBatches(self._outbox)
        self._read.add(reading.digest)
        yield from early
        for piece in pieces:
            yield self._submit(reading, piece)

    def _decoding_early(self, reading: _Reading) -> list[Decoded]:
        """Begin with a log before the store can say whether it is known."""
        early: list[Decoded] = []
        if self._decoders.early:
            reading.version = reading.source.version
            for piece in self._open(reading):
                early.append(self._submit(reading, piece))
                if len(early) >= (self._decoders.early if reading.ranges else self._decoders.ahead):
                    break
        return early

    def _submit(self, reading: _Reading, piece: Piece) -> Decoded:
        reading.ranges = isinstance(piece, FileRange)
        return self._decoders.submit(piece, reading.identity)

    def _open(self, reading: _Reading) -> Iterator[Piece]:
        """Find out whose log it is; gives its pieces."""
        reading.start, reading.pieces = _opened(pieces_of(reading.source, reading.state, self._progress.read))
        reading.identity = completed_by_file(identity_of(reading.start) if reading.start else None, reading.source.name)
        return reading.pieces

    def _is_known(self, reading: _Reading) -> bool:
        """Whether this import read the log before, or another did; then it is a copy."""
        reading.copy = reading.digest in self._read
        if not reading.copy and (known := self._catalog.known_log(reading.digest)) is not None:
            self._logs[reading.digest] = known
            reading.copy = True
        return reading.copy

    def _take(self, ahead: int) -> Iterator[ImportedLog]:
        """Take results until no more than `ahead` are under way; gives the logs that end."""
        while len(self._under_way) > ahead:
            reading, decoded = self._under_way.popleft()
            if decoded is None:
                yield self._ended(reading)
            elif not reading.failure and reading.batches is not None:
                try:
                    batch, size_bytes = decoded.result()
                except _UNREADABLE as error:
                    reading.failure = _why(error)
                else:
                    if reading.ranges:
                        self._progress.read(size_bytes)
                    reading.account.add(batch, size_bytes)
                    reading.batches.add(batch.tables)

    def _ended(self, reading: _Reading) -> ImportedLog:
        if not reading.failure and not reading.copy:
            self._finish(reading)
        known = self._logs.get(reading.digest)
        if reading.failure or known is None:
            return ImportedLog(reading.source.location, skipped=reading.failure or "is a copy of a log that could not be imported")
        return ImportedLog(
            path=reading.source.location,
            app_id=known.identity.app_id,
            attempt_id=known.identity.attempt_id,
            events=known.events,
            bad_lines=known.bad_lines,
            unknown_events=known.unknown_events,
            already_imported=reading.copy,
            incomplete=not known.complete,
            first_error=known.first_error,
            bad=tuple(reading.account.bad_texts()),
        )

    def _finish(self, reading: _Reading) -> None:
        account = reading.account
        account.cut = account.cut or reading.state.cut
        if not account.events or reading.batches is None:
            reading.failure = "holds no Spark events" + (f": {account.first_error}" if account.first_error else "")
            return
        source = reading.source
        reading.batches.finish(account.row(reading.identity, reading.digest, source.location, source.size_bytes, reading.state))
        self._logs[reading.digest] = KnownLog(
            reading.identity, account.events, account.bad_lines, account.unknown_events, not account.cut, account.first_error
        )

    def _refuse_other_run(self, identity: Identity, start: ApplicationStart | None) -> None:
        if start is None:
            return
        started, known = _start_ms(start), self._starts.get(identity)
        if known is None:
            known = self._catalog.start_ms(identity)
        if known is not None and started != known:
            attempt = f" attempt {identity.attempt_id}" if identity.attempt_id else ""
            raise Skip(
                f"is another run of `{identity.app_id}`{attempt}: it started at {started} ms, the one in the store at {known} ms; "
                "two runs of one id cannot be told apart"
            )
        self._starts[identity] = started


def _why(error: Exception) -> str:
    """In words, without the number of the error and the path, which is told beside it."""
    said = error.strerror if isinstance(error, OSError) else None
    return f"{said[0].lower()}{said[1:]}" if said else str(error)


def _drop(decodings: list[Decoded]) -> None:
    for decoded in decodings:
        decoded.cancel()
    decodings.clear()


def _start_ms(start: ApplicationStart) -> int:
    """The start as the store holds it."""
    return time_ms(start.time, "applications.time", Counter())


def _opened(pieces: Iterator[Piece]) -> tuple[ApplicationStart | None, Iterator[Piece]]:
    """The application's start, and all pieces again."""
    read: list[Piece] = []
    size = 0
    start = None
    for piece in pieces:
        read.append(piece)
        data = bytes_of(piece)
        size += len(data)
        start = find_start(data)
        if start is not None or size > _SEARCHED_BYTES:
            break
    return start, chain(read, pieces)
