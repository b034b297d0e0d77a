"""Files and folders that may hold event logs, wherever they are: on disk, in an object store or HDFS, in an archive."""

from __future__ import annotations

import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import IO, Any, Protocol

_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_ZIP_MAGIC = b"PK\x03\x04"
_TAR_SUFFIXES = (".tar.gz", ".tgz")
_GZIP_MAGIC, _OTHER_PACKED_MAGICS = b"\x1f\x8b", (b"BZh", b"\xfd7zXZ\x00")
_HEAD_BYTES = 4096
"""Enough of a compressed archive to see the header of its first member."""


UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
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
        """See `Entry`. An archive that cannot be read counts as a file, which is then found to hold no events.

        Raises:
            SourceNotFound: a folder may not be read.
        """
        if self.path.is_dir():
            return _listed(self.path)
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
        try:
            found = self.filesystem.get_file_info(FileSelector(self.info.path, recursive=False, allow_not_found=True))
        except OSError as error:
            raise SourceNotFound(f"`{self.location}` cannot be listed: {error}") from error
        return [RemoteFile(self.filesystem, info, self.scheme) for info in sorted(found, key=lambda info: str(info.path))]


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file, or a folder, in a zip or tar archive; nothing is unpacked to disk."""

    archive: Path
    inside: PurePosixPath
    member: zipfile.ZipInfo | tarfile.TarInfo | None = None
    """Where the archive has it; None for a folder."""
    size_bytes: int = 0
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
        if isinstance(self.member, zipfile.ZipInfo):
            try:
                # The member holds the file open for as long as it is read itself.
                return zipfile.ZipFile(self.archive).open(self.member)
            except RuntimeError as error:  # encrypted, or compressed by a method that Python lacks
                raise OSError(str(error)) from error
        if self.member is None:
            raise IsADirectoryError(f"`{self.location}` is a folder")
        return _TarMember(self.archive, self.member)

    def children(self) -> list[Entry] | None:
        return None if self.below is None else list(self.below)


class _TarMember(io.BufferedReader):
    """A member of a tar archive, which it opens and closes with itself."""

    def __init__(self, archive: Path, found: tarfile.TarInfo) -> None:
        self._tar = tarfile.open(archive)  # noqa: SIM115
        # By its place: by its name everything would be read to the end, for a later member of the same name.
        member = self._tar.extractfile(found)
        if member is None:
            self._tar.close()
            raise OSError(f"`{archive}!{found.name}` is no file")
        super().__init__(member)  # type: ignore[arg-type]

    def close(self) -> None:
        super().close()
        self._tar.close()


def _listed(folder: Path) -> list[Entry]:
    try:
        return [LocalFile(path) for path in sorted(folder.iterdir())]
    except FileNotFoundError:  # whoever writes logs also cleans them up
        return []
    except OSError as error:
        raise SourceNotFound(f"the folder `{folder}` cannot be read: {error.strerror}") from error


_Member = tuple[PurePosixPath, zipfile.ZipInfo | tarfile.TarInfo, int]


def _archived(path: Path) -> list[Entry] | None:
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if head.startswith(_ZIP_MAGIC):
        with zipfile.ZipFile(path) as archive:
            members: list[_Member] = [(_inside(m.filename), m, m.file_size) for m in archive.infolist() if not m.is_dir()]
    elif path.name.endswith(_TAR_SUFFIXES) or _is_tar(path, head):
        members = list(_tar_members(path))
    else:
        return None
    # A later member of one name replaces the earlier ones.
    latest = {member[0]: member for member in members if member[0].parts}
    return list(_members(path, PurePosixPath(), [latest[inside] for inside in sorted(latest)]))


def _is_tar(path: Path, head: bytes) -> bool:
    """By its content. A look into gzip must cost little: folders are full of logs in it, and are looked through again and again."""
    if head.startswith(_OTHER_PACKED_MAGICS):
        return tarfile.is_tarfile(path)
    if head.startswith(_GZIP_MAGIC):
        head = zlib.decompressobj(wbits=31).decompress(head, _HEAD_BYTES)
    return head.startswith(_TAR_MAGIC, _TAR_MAGIC_AT)


def _tar_members(path: Path) -> Iterator[_Member]:
    """The files of a tar archive; of one that was cut off, those before the end. Reading the last of them then says what happened."""
    with tarfile.open(path) as tar, suppress(*UNREADABLE):
        for member in tar:
            if member.isfile():
                yield _inside(member.name), member, member.size


def _inside(name: str) -> PurePosixPath:
    """A member's path. Some packers on Windows write backslashes."""
    return PurePosixPath(name.replace("\\", "/"))


def _members(archive: Path, folder: PurePosixPath, sorted_members: Sequence[_Member]) -> Iterator[Entry]:
    """What is directly in a folder of an archive, with everything below it."""
    depth = len(folder.parts)
    for name, group in groupby(sorted_members, lambda member: member[0].parts[depth]):
        below, inside = list(group), folder / name
        if len(below) == 1 and below[0][0] == inside:
            yield ArchiveMember(archive, inside, *below[0][1:])
        else:
            deeper = [member for member in below if member[0] != inside]
            yield ArchiveMember(archive, inside, below=tuple(_members(archive, inside, deeper)))


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
