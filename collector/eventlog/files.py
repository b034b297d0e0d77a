"""Files and folders that may hold event logs, wherever they are: on disk, in an object store or HDFS, in an archive."""

from __future__ import annotations

import io
import stat
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

from collector.eventlog.archives import UNREADABLE, archived, readable

__all__ = ["UNREADABLE", "CountedFile", "Entry", "LocalFile", "RemoteFile", "SourceNotFound"]


class SourceNotFound(FileNotFoundError):
    """A path that does not exist, or a place that cannot be read; the text says what to do."""


class Entry(Protocol):
    """A file or a folder."""

    @property
    def name(self) -> str: ...
    @property
    def location(self) -> str:
        """For people and for the record: a path or a URL."""
        ...

    @property
    def version(self) -> tuple[int, int]:
        """Size in bytes and time of change in ns (0 where unknown): while both stay, the content is taken to be the same."""
        ...

    @property
    def is_local(self) -> bool:
        """Whether reading it twice costs little."""
        ...

    def open(self) -> IO[bytes]:
        """Open a file to be read from its start to its end."""
        ...

    def children(self) -> list[Entry] | None:
        """What a folder or an archive holds, by name; None for a file."""
        ...


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A path on this machine; a zip or tar archive counts as a folder."""

    path: Path

    @property
    def name(self) -> str:
        return readable(self.path.name)

    @property
    def location(self) -> str:
        return readable(str(self.path))

    @property
    def version(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns

    @property
    def is_local(self) -> bool:
        return True

    def open(self) -> IO[bytes]:
        """See `Entry`. A pipe, which would wait for a writer and can be read once only, is refused."""
        mode = self.path.stat().st_mode
        if stat.S_ISDIR(mode):
            _listed(self.path)  # says why it was taken for a file
        if not stat.S_ISREG(mode):
            raise OSError("is no regular file: write it to one first, since a log is read more than once")
        return self.path.open("rb")

    def children(self) -> list[Entry] | None:
        """See `Entry`. An archive that cannot be read counts as a file, which is then found to hold no events.

        Raises:
            SourceNotFound: a folder may not be read.
        """
        try:
            mode = self.path.stat().st_mode
        except OSError:  # opening it says why
            return None
        if stat.S_ISDIR(mode):
            return _listed(self.path)
        if not stat.S_ISREG(mode):
            return None
        try:
            return archived(self.path)
        except UNREADABLE:
            return None


@dataclass(frozen=True, slots=True)
class RemoteFile:
    """A file or folder behind a URL that pyarrow reads."""

    filesystem: Any
    info: Any
    scheme: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.info.path).name

    @property
    def location(self) -> str:
        return f"{self.scheme}://{self.info.path.lstrip('/')}"

    @property
    def version(self) -> tuple[int, int]:
        return self.info.size or 0, self.info.mtime_ns or 0

    @property
    def is_local(self) -> bool:
        return False

    def open(self) -> IO[bytes]:
        stream: IO[bytes] = self.filesystem.open_input_stream(self.info.path, compression=None, buffer_size=1 << 20)
        return stream

    def children(self) -> list[Entry] | None:
        from pyarrow.fs import FileSelector

        if self.info.is_file:
            return None
        try:
            found = self.filesystem.get_file_info(FileSelector(self.info.path, recursive=False, allow_not_found=True))
        except OSError as error:
            raise SourceNotFound(f"`{self.location}` cannot be listed: {error}") from error
        return [RemoteFile(self.filesystem, info, self.scheme) for info in sorted(found, key=lambda info: str(info.path))]


def _listed(folder: Path) -> list[Entry]:
    try:
        return [LocalFile(path) for path in sorted(folder.iterdir()) if not _leads_back(path)]
    except FileNotFoundError:  # whoever writes logs also cleans them up
        return []
    except OSError as error:
        raise SourceNotFound(f"the folder `{folder}` cannot be read: {error.strerror}") from error


def _leads_back(path: Path) -> bool:
    """Whether a link leads to a folder that it lies in, which would be walked through without end."""
    try:
        return path.is_symlink() and path.is_dir() and any(parent.samefile(path) for parent in path.parents)
    except OSError:
        return False


class CountedFile(io.RawIOBase):
    """Counts what is read; `close` closes the file below."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.bytes_read = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.bytes_read += len(data)
        return data

    def close(self) -> None:
        self._file.close()
        super().close()
