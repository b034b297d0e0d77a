"""Event logs on disk: which files belong together, and their content as chunks of whole lines with bounded memory."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from collector.eventlog.codecs import StreamState, decompressed
from collector.eventlog.lines import MAX_LINE_BYTES

CHUNK_BYTES = 8 * 1024 * 1024
_PART = re.compile(r"^events_(\d+)_")
_ROLLING = "eventlog_v2_"
_STATUS = "appstatus_"
_COMPACT = ".compact"
# Databricks rolls a log by the hour into a folder of its own; what is still written has no date.
_DATABRICKS_PART = re.compile(r"^eventlog(-\d{4}-\d{2}-\d{2}--\d{2}-\d{2}(\.\w+)?)?$")

Progress = Callable[[int], None]
"""Called with the number of compressed bytes read since the last call."""


class SourceNotFound(FileNotFoundError):
    """A path that does not exist."""


@dataclass(frozen=True, slots=True)
class LogSource:
    """One application's log: a file, or the parts of a folder in order."""

    path: Path
    parts: tuple[Path, ...]

    @property
    def name(self) -> str:
        """The file's or folder's name, which states the application where the events do not."""
        return self.path.name

    @property
    def size_bytes(self) -> int:
        """Compressed size on disk."""
        return sum(part.stat().st_size for part in self.parts)

    def digest(self) -> str:
        """32 hex digits of the compressed content: equal for a copy under another name."""
        digest = hashlib.sha256()
        for part in self.parts:
            with part.open("rb") as file:
                while piece := file.read(1024 * 1024):
                    digest.update(piece)
            digest.update(b"\0")
        return digest.hexdigest()[:32]

    def chunks(self, state: StreamState, progress: Progress | None = None, chunk_bytes: int = CHUNK_BYTES) -> Iterator[bytes]:
        """Whole lines, about `chunk_bytes` at a time; only the last chunk of a part may end without a newline.

        Args:
            state: says after the last chunk whether the log was cut short.
            progress: told of compressed bytes as they are read.

        Raises:
            UnsupportedCodec: a part has a codec that cannot be read.
        """
        for part in self.parts:
            with part.open("rb") as file:
                yield from _reported(whole_lines(decompressed(file, state), chunk_bytes), file.tell, progress)


def find_logs(path: Path) -> Iterator[LogSource]:
    """The logs at a path: a file, a folder that holds the parts of one, or everything under a folder, by name.

    Hidden files and Spark's status and checksum files are left out.

    Raises:
        SourceNotFound: nothing is there.
    """
    if not path.exists():
        raise SourceNotFound(f"`{path}` does not exist")
    if path.is_file():
        yield LogSource(path, (path,))
    elif path.name.startswith(_ROLLING):
        yield LogSource(path, rolled_parts(path.iterdir()))
    else:
        entries = sorted(path.iterdir())
        parts = databricks_parts(entries)
        if parts:
            yield LogSource(path, parts)
        for entry in entries:
            if entry not in parts and not entry.name.startswith((".", _STATUS)) and not entry.name.endswith(".crc"):
                yield from find_logs(entry)


def rolled_parts(files: Iterable[Path]) -> tuple[Path, ...]:
    """The parts of a rolling folder by number (`events_2` before `events_10`).

    A compacted part replaces the parts up to its number. Source: `RollingEventLogFilesFileReader` in Apache Spark.
    """
    numbered = sorted((int(match[1]), not file.name.endswith(_COMPACT), file) for file in files if (match := _PART.match(file.name)))
    compacted = [number for number, original, _ in numbered if not original]
    first = max(compacted, default=0)
    return tuple(file for number, original, file in numbered if number > first or (number == first and not (original and compacted)))


def databricks_parts(files: Iterable[Path]) -> tuple[Path, ...]:
    """The parts of a log that Databricks rolled (`eventlog-2021-06-14--20-00.gz`, ..., `eventlog`) by date, the one without a date last."""
    parts = [file for file in files if _DATABRICKS_PART.match(file.name) and file.is_file()]
    return tuple(sorted(parts, key=lambda file: (file.name == "eventlog", file.name)))


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
        elif size <= MAX_LINE_BYTES + chunk_bytes:
            waiting.append(piece)
            size += len(piece)
    if size:
        yield b"".join(waiting)


def _reported(chunks: Iterator[bytes], position: Callable[[], int], progress: Progress | None) -> Iterator[bytes]:
    before = 0
    for chunk in chunks:
        if progress is not None:
            progress(position() - before)
            before = position()
        yield chunk
    if progress is not None:
        progress(position() - before)
