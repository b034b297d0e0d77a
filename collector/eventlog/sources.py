"""Event logs where they lie: which files belong together, and their content as chunks of whole lines with bounded memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import xxhash

from collector.eventlog.codecs import StreamState, decompressed
from collector.eventlog.encodings import as_utf8
from collector.eventlog.files import CountedFile, Entry, SourceNotFound
from collector.eventlog.identity import Identity, identity_of_file
from collector.eventlog.lines import MAX_LINE_BYTES
from collector.eventlog.remote import entry_at

__all__ = ["CHUNK_BYTES", "LogSource", "SourceNotFound", "find_logs", "whole_lines"]

CHUNK_BYTES = 8 * 1024 * 1024
_PART = re.compile(r"^events_(\d+)_")
_ROLLING = "eventlog_v2_"
_SIDE_FILES = (".", "appstatus_")
_SIDE_FILE_ENDS = (".crc", "_$folder$")
# Spark before 1.3 wrote a folder a log, with empty files in it that say what follows from the log itself.
_SPARK_1_LOG = re.compile(r"^EVENT_LOG_\d+$")
_SPARK_1_SIDE_FILE = re.compile(r"^(SPARK_VERSION_\S+|COMPRESSION_CODEC_\S+|APPLICATION_COMPLETE)$")
_COMPACT = ".compact"
_UNFINISHED_COMPACT = ".compact.inprogress"
# Databricks rolls a log by the hour into a folder of its own; what is still written has no date.
_DATABRICKS_PART = re.compile(r"^eventlog(-\d{4}-\d{2}-\d{2}--\d{2}-\d{2}(\.\w+)?)?$")

_CODEC_SUFFIX = re.compile(r"\.(gz|zstd|zst|lz4|snappy|lzf|bz2|xz)(?=(\.compact)?$)")

Progress = Callable[[int], None]
"""Called with the number of compressed bytes read since the last call."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """One application's log: a file, or the parts of a folder in order."""

    location: str
    parts: tuple[Entry, ...]
    missing: str = ""
    """What is known to be missing before the first byte is read, '' where nothing is."""

    @property
    def name(self) -> str:
        """The file's or folder's name, which states the application where the events do not."""
        *folders, last = re.split(r"[/!]", self.location.rstrip("/"))
        return folders[-1] if folders and _SPARK_1_LOG.match(last) else last

    @property
    def size_bytes(self) -> int:
        """Compressed size; 0 where a part is gone, as logs are that were renamed or cleaned up since they were found."""
        try:
            return sum(part.version[0] for part in self.parts)
        except OSError:
            return 0

    @property
    def version(self) -> tuple[tuple[str, tuple[int, int]], ...]:
        """Names, sizes and times of change of the parts: another one means that there is something new to read."""
        return tuple((part.name, part.version) for part in self.parts)

    def digest(self) -> str:
        """32 hex digits: of the compressed content, so equal for a copy under another name; of location, sizes and times of
        change where reading everything twice would cost too much."""
        digest = xxhash.xxh3_128()
        if not all(part.is_local for part in self.parts):
            digest.update(repr((self.location, self.version)).encode())
            return digest.hexdigest()
        for part in self.parts:
            with part.open() as file:
                while piece := file.read(1024 * 1024):
                    digest.update(piece)
            digest.update(b"\0")
        return digest.hexdigest()

    def chunks(self, state: StreamState, progress: Progress | None = None, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Whole lines, about `chunk_bytes` at a time; only the last chunk of a part may end without a newline.

        Args:
            state: says after the last chunk whether the log was cut short.
            progress: told of compressed bytes as they are read.
        """
        state.cut = self.missing
        for part in self.parts:
            with part.open() as opened, closing(CountedFile(opened)) as file:
                yield from _reported(whole_lines(as_utf8(decompressed(file, state)), chunk_bytes), file, progress)


def find_logs(place: str | Path) -> Iterator[LogSource]:
    """The logs at a path or URL: a file, a folder or archive that holds the parts of one, or everything under it, by name.

    Hidden files and Spark's status and checksum files are left out.

    Raises:
        SourceNotFound: nothing is there, or it cannot be reached.
    """
    yield from _logs_in(entry_at(str(place)))


def _logs_in(entry: Entry) -> Iterator[LogSource]:
    children = entry.children()
    if children is None:
        yield _file_log(entry)
        return
    if entry.name.startswith(_ROLLING):
        parts, missing = rolled_parts(children)
        if parts:
            yield LogSource(entry.location, parts, missing)
            return
    dated = databricks_parts(children)
    if dated:
        yield LogSource(entry.location, dated)
    rolled = [child for child in children if _PART.match(child.name) and child.children() is None]
    yield from _rolled_without_folder(rolled)
    taken = {child.name for child in (*dated, *rolled)}
    old = any(_SPARK_1_LOG.match(child.name) for child in children)
    for child in children:
        if child.name not in taken and not _is_side_file(child.name) and not (old and _SPARK_1_SIDE_FILE.match(child.name)):
            yield from _logs_below(child)


def _logs_below(entry: Entry) -> Iterator[LogSource]:
    """The logs in what a folder holds. A folder that cannot be read counts as a log, which is then skipped, and the others are found."""
    try:
        yield from _logs_in(entry)
    except SourceNotFound:
        yield LogSource(entry.location, (entry,))


def _file_log(file: Entry) -> LogSource:
    """A file by itself; one part of a rolled log lacks those before it."""
    return LogSource(file.location, (file,), rolled_parts([file])[1] if _PART.match(file.name) else "")


def _rolled_without_folder(files: Iterable[Entry]) -> Iterator[LogSource]:
    """The logs whose parts were copied out of their folders."""
    logs: dict[Identity, list[Entry]] = {}
    for file in files:
        logs.setdefault(identity_of_file(file.name), []).append(file)
    for log in logs.values():
        parts, missing = rolled_parts(log)
        if parts:
            yield LogSource(parts[0].location, parts, missing)


def _is_side_file(name: str) -> bool:
    return name.startswith(_SIDE_FILES) or name.endswith(_SIDE_FILE_ENDS)


def rolled_parts(files: Iterable[Entry]) -> tuple[tuple[Entry, ...], str]:
    """The parts of a rolling folder by number (`events_2` before `events_10`), and what is missing of them.

    A compacted part replaces the parts up to its number; one that a crash left unfinished holds nothing that they lack.
    Source: `RollingEventLogFilesFileReader` and `CompactedEventLogFileWriter` in Apache Spark.
    """
    whole = _once(file for file in files if not file.name.endswith(_UNFINISHED_COMPACT))
    found = [(int(match[1]), not file.name.endswith(_COMPACT), file) for file in whole if (match := _PART.match(file.name))]
    numbered = sorted(found, key=lambda part: part[:2])
    compacted = [number for number, original, _ in numbered if not original]
    first = max(compacted, default=0)
    kept = [part for part in numbered if part[0] > first or (part[0] == first and not (part[1] and compacted))]
    return tuple(file for _, _, file in kept), _missing([number for number, _, _ in kept], bool(compacted))


def _missing(numbers: Sequence[int], compacted: bool) -> str:
    if compacted:
        return "Spark compacted the log, which drops the events of finished jobs"
    absent = sorted(set(range(1, max(numbers, default=0))) - set(numbers))
    if not absent:
        return ""
    named = ", ".join(map(str, absent[:5])) + (", ..." if len(absent) > 5 else "")
    return f"missing of the rolled log: {'part' if len(absent) == 1 else 'parts'} {named}"


def databricks_parts(files: Iterable[Entry]) -> tuple[Entry, ...]:
    """The parts of a log that Databricks rolled (`eventlog-2021-06-14--20-00.gz`, ..., `eventlog`) by date, the one without a date last."""
    parts = [file for file in files if _DATABRICKS_PART.match(file.name) and file.children() is None]
    return tuple(sorted(parts, key=lambda file: (file.name == "eventlog", file.name)))


def _once(parts: Iterable[Entry]) -> list[Entry]:
    """Without parts that lie there compressed, too: their events would be counted twice."""
    kept: dict[str, Entry] = {}
    for part in sorted(parts, key=lambda part: len(part.name)):
        kept.setdefault(_CODEC_SUFFIX.sub("", part.name), part)
    return list(kept.values())


def whole_lines(pieces: Iterable[bytes], chunk_bytes: int) -> Iterator[bytes]:
    """Pieces regrouped so that each but the last ends with a newline.

    A line over the limit is cut to just above it, so that the decoder refuses it while memory stays bounded.
    """
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        end = piece.rfind(b"\n") + 1
        if end and size + end >= chunk_bytes:
            yield b"".join([*waiting, piece[:end]])
            waiting, size = [piece[end:]], len(piece) - end
        elif end or size <= MAX_LINE_BYTES + chunk_bytes:
            waiting.append(piece)
            size += len(piece)
    if size:
        yield b"".join(waiting)


def _reported(chunks: Iterator[bytes], file: CountedFile, progress: Progress | None) -> Iterator[bytes]:
    before = 0
    for chunk in chunks:
        if progress is not None:
            progress(file.bytes_read - before)
            before = file.bytes_read
        yield chunk
    if progress is not None:
        progress(file.bytes_read - before)
