"""From paths to rows: this thread reads and decodes while the sink's thread inserts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from collector.eventlog import BatchTooLarge, decode
from collector.eventlog.codecs import StreamState, UnsupportedCodec
from collector.eventlog.identity import ApplicationStart, Identity, completed_by_file, find_start, identity_of
from collector.eventlog.sources import LogSource, find_logs
from collector.eventlog.values import time_ms
from collector.importing.catalog import Catalog, KnownLog
from collector.importing.outbox import LogBatches, Outbox, Sink
from collector.importing.progress import Progress, Silent
from collector.importing.record import LogAccount
from collector.importing.result import ImportedLog

_SEARCHED_BYTES = 64 * 1024 * 1024
"""How far into a log the start of its application is looked for; it is among the first lines."""


class Skip(Exception):
    """This log is not imported; the text says why."""


def import_paths(paths: Iterable[Path], sink: Sink, catalog: Catalog, progress: Progress | None = None) -> list[ImportedLog]:
    """Import every log at the paths; all is durable on return. Importing a log again changes nothing.

    A log whose application and attempt are known with another start time is another run, and is skipped rather than mixed in.

    Raises:
        SourceNotFound: a path does not exist.
        StoreError: the sink failed; what was imported before stays.
    """
    progress = progress or Silent()
    sources = [source for path in paths for source in find_logs(path)]
    progress.found(sources)
    importer = _Importer(sink, catalog, progress)
    logs = []
    for source in sources:
        progress.started(source)
        logs.append(importer.run(source))
        progress.finished(logs[-1])
    importer.wait()
    return logs


class _Importer:
    """One import of several logs. Batches of different logs overlap; the record of a log follows all its rows."""

    def __init__(self, sink: Sink, catalog: Catalog, progress: Progress) -> None:
        self._outbox = Outbox(sink)
        self._catalog = catalog
        self._progress = progress
        # What this import wrote may not be in the store yet.
        self._logs: dict[str, KnownLog] = {}
        self._starts: dict[Identity, int] = {}

    def run(self, source: LogSource) -> ImportedLog:
        try:
            digest = source.digest()
            known = self._logs.get(digest) or self._catalog.known_log(digest)
            return _imported_before(source, known) if known else self._import(source, digest)
        except (Skip, UnsupportedCodec, BatchTooLarge, OSError) as error:
            return ImportedLog(source.path, skipped=str(error))

    def wait(self) -> None:
        """Until everything is durable."""
        self._outbox.drain()

    def _import(self, source: LogSource, digest: str) -> ImportedLog:
        state = StreamState()
        start, chunks = _opened(source.chunks(state, self._progress.read))
        identity = completed_by_file(identity_of(start) if start else None, source.name)
        self._refuse_other_run(identity, start)
        account, batches = LogAccount(), LogBatches(self._outbox)
        for chunk in chunks:
            batch = decode(chunk, identity, first_line=account.lines + 1, may_be_cut=True)
            account.add(batch, len(chunk))
            batches.add(batch.tables)
        if not account.events:
            raise Skip("holds no Spark events" + (f": {account.first_error}" if account.first_error else ""))
        account.cut = account.cut or state.cut
        batches.finish(account.row(identity, digest, source.path))
        self._remember(identity, start, digest, account)
        return _account_of(source, self._logs[digest])

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

    def _remember(self, identity: Identity, start: ApplicationStart | None, digest: str, account: LogAccount) -> None:
        self._logs[digest] = KnownLog(
            identity, account.events, account.bad_lines, account.unknown_events, not account.cut, account.first_error
        )
        if start is not None:
            self._starts[identity] = _start_ms(start)


def _start_ms(start: ApplicationStart) -> int:
    """The start as the store holds it."""
    return time_ms(start.time, "applications.time", Counter())


def _opened(chunks: Iterator[bytes]) -> tuple[ApplicationStart | None, Iterator[bytes]]:
    """The application's start, and all chunks again."""
    read: list[bytes] = []
    size = 0
    start = None
    for chunk in chunks:
        read.append(chunk)
        size += len(chunk)
        start = find_start(chunk)
        if start is not None or size > _SEARCHED_BYTES:
            break
    return start, chain(read, chunks)


def _imported_before(source: LogSource, known: KnownLog) -> ImportedLog:
    return _account_of(source, known, already_imported=True)


def _account_of(source: LogSource, known: KnownLog, *, already_imported: bool = False) -> ImportedLog:
    return ImportedLog(
        path=source.path,
        app_id=known.identity.app_id,
        attempt_id=known.identity.attempt_id,
        events=known.events,
        bad_lines=known.bad_lines,
        unknown_events=known.unknown_events,
        already_imported=already_imported,
        incomplete=not known.complete,
        first_error=known.first_error,
    )
