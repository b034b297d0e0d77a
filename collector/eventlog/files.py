"""Files and folders that may hold event logs, wherever they are: on disk, in an object store or HDFS, in an archive."""

from __future__ import annotations

import io
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_ZIP_MAGIC = b"PK\x03\x04"
_TAR_SUFFIXES = (".tar.gz", ".tgz")


UNREADABLE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError)
"""What opening or reading a file, a member of an archive included, may raise."""


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
        return self.path.name

    @property
    def location(self) -> str:
        return str(self.path)

    @property
    def version(self) -> tuple[int, int]:
        status = self.path.stat()
        return status.st_size, status.st_mtime_ns

    @property
    def is_local(self) -> bool:
        return True

    def open(self) -> IO[bytes]:
        return self.path.open("rb")

    def children(self) -> list[Entry] | None:
        """See `Entry`. An archive that cannot be read counts as a file, which is then found to hold no events."""
        if self.path.is_dir():
            return [LocalFile(path) for path in sorted(self.path.iterdir())]
        try:
            return _archived(self.path)
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
        found = self.filesystem.get_file_info(FileSelector(self.info.path, recursive=False))
        return [RemoteFile(self.filesystem, info, self.scheme) for info in sorted(found, key=lambda info: str(info.path))]


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file, or a folder, in a zip or tar archive; nothing is unpacked to disk."""

    archive: Path
    inside: PurePosixPath
    size_bytes: int
    below: tuple[Entry, ...] | None = None

    @property
    def name(self) -> str:
        return self.inside.name

    @property
    def location(self) -> str:
        return f"{self.archive}!{self.inside}"

    @property
    def version(self) -> tuple[int, int]:
        return self.size_bytes, self.archive.stat().st_mtime_ns

    @property
    def is_local(self) -> bool:
        return True

    def open(self) -> IO[bytes]:
        name = str(self.inside)
        if zipfile.is_zipfile(self.archive):
            try:
                # The member holds the file open for as long as it is read itself.
                return zipfile.ZipFile(self.archive).open(name)
            except RuntimeError as error:  # encrypted, or compressed by a method that Python lacks
                raise OSError(str(error)) from error
        return _TarMember(self.archive, name)

    def children(self) -> list[Entry] | None:
        return None if self.below is None else list(self.below)


class _TarMember(io.BufferedReader):
    """A member of a tar archive, which it opens and closes with itself."""

    def __init__(self, archive: Path, name: str) -> None:
        self._tar = tarfile.open(archive)  # noqa: SIM115
        member = self._tar.extractfile(name)
        if member is None:
            self._tar.close()
            raise OSError(f"`{archive}!{name}` is no file")
        super().__init__(member)  # type: ignore[arg-type]

    def close(self) -> None:
        super().close()
        self._tar.close()


def _archived(path: Path) -> list[Entry] | None:
    with path.open("rb") as file:
        head = file.read(_TAR_MAGIC_AT + len(_TAR_MAGIC))
    if head.startswith(_ZIP_MAGIC):
        with zipfile.ZipFile(path) as archive:
            sizes = {member.filename: member.file_size for member in archive.infolist() if not member.is_dir()}
    elif head[_TAR_MAGIC_AT:] == _TAR_MAGIC or path.name.endswith(_TAR_SUFFIXES):
        with tarfile.open(path) as tar:
            sizes = {member.name: member.size for member in tar if member.isfile()}
    else:
        return None
    return list(_members(path, PurePosixPath(), {PurePosixPath(name): size for name, size in sizes.items()}))


def _members(archive: Path, folder: PurePosixPath, sizes: dict[PurePosixPath, int]) -> Iterator[Entry]:
    """What is directly in a folder of an archive, with everything below it."""
    depth = len(folder.parts)
    for name in dict.fromkeys(path.parts[depth] for path in sorted(sizes) if len(path.parts) > depth):
        inside = folder / name
        below = {path: size for path, size in sizes.items() if path.parts[: depth + 1] == inside.parts}
        if list(below) == [inside]:
            yield ArchiveMember(archive, inside, below[inside])
        else:
            yield ArchiveMember(archive, inside, 0, tuple(_members(archive, inside, below)))


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
