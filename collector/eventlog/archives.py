"""Zip and tar archives as folders of logs; nothing is unpacked to disk."""

from __future__ import annotations

import atexit
import io
import lzma
import tarfile
import threading
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collector.eventlog.files import Entry

_TAR_MAGIC, _TAR_MAGIC_AT = b"ustar", 257
_ZIP_MAGIC = b"PK\x03\x04"
_TAR_SUFFIXES = (".tar.gz", ".tgz")
_GZIP_MAGIC, _OTHER_PACKED_MAGICS = b"\x1f\x8b", (b"BZh", b"\xfd7zXZ\x00")
_HEAD_BYTES = 4096
"""Enough of a compressed archive to see the header of its first member."""

UNREADABLE = (OSError, EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)
"""What opening or reading a file, a member of an archive included, may raise."""


def readable(name: str) -> str:
    """A name with `?` for the bytes in it that are no UTF-8, which neither a terminal nor the store takes."""
    return name.encode("utf-8", "replace").decode()


@dataclass(frozen=True, slots=True)
class ArchiveMember:
    """A file, or a folder, in a zip or tar archive; nothing is unpacked to disk."""

    archive: Path
    inside: PurePosixPath
    member: zipfile.ZipInfo | tarfile.TarInfo | None = None
    """Where the archive has it; None for a folder."""
    size_bytes: int = 0
    packed: bool = False
    below: tuple[Entry, ...] | None = None

    @property
    def name(self) -> str:
        return readable(self.inside.name)

    @property
    def location(self) -> str:
        return readable(f"{self.archive}!{self.inside}")

    @property
    def version(self) -> tuple[int, int]:
        return self.size_bytes, self.archive.stat().st_mtime_ns

    @property
    def is_local(self) -> bool:
        """See `Entry`. What lies in a compressed tar comes after everything that precedes it was decompressed."""
        return not self.packed

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


class _OpenTars:
    """The tar archive that was read last, kept open: whoever reads on from there need not decompress it from the start again."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[object, tarfile.TarFile] | None = None
        atexit.register(self.close)

    def lend(self, archive: Path) -> tuple[object, tarfile.TarFile]:
        """The archive, open, and what tells it from a later one of the same name."""
        status = archive.stat()
        key = (archive, status.st_mtime_ns, status.st_size)
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None and kept[0] == key:
            return kept
        if kept is not None:
            kept[1].close()
        return key, tarfile.open(archive)

    def give_back(self, lent: tuple[object, tarfile.TarFile]) -> None:
        """Keep it, in place of the one before."""
        with self._lock:
            before, self._kept = self._kept, lent
        if before is not None:
            before[1].close()

    def close(self) -> None:
        """Close the one that is kept."""
        with self._lock:
            kept, self._kept = self._kept, None
        if kept is not None:
            kept[1].close()


_open_tars = _OpenTars()


class _TarMember(io.BufferedReader):
    """A member of a tar archive, which is lent for as long as the member is read."""

    def __init__(self, archive: Path, found: tarfile.TarInfo) -> None:
        self._lent = _open_tars.lend(archive)
        # By its place: by its name everything would be read to the end, for a later member of the same name.
        member = self._lent[1].extractfile(found)
        if member is None:
            self._lent[1].close()
            raise OSError(f"`{archive}!{found.name}` is no file")
        super().__init__(member)  # type: ignore[arg-type]

    def close(self) -> None:
        if not self.closed:
            super().close()
            _open_tars.give_back(self._lent)


_Member = tuple[PurePosixPath, zipfile.ZipInfo | tarfile.TarInfo, int]


def archived(path: Path) -> list[Entry] | None:
    """What an archive holds, by name; None for any other file. Raises what is in `UNREADABLE`."""
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
    packed = head.startswith((_GZIP_MAGIC, *_OTHER_PACKED_MAGICS))
    # By name, but for what can only be read in the order in which it lies there.
    ordered = list(latest.values()) if packed else [latest[inside] for inside in sorted(latest)]
    return list(_members(path, PurePosixPath(), ordered, packed))


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


def _members(archive: Path, folder: PurePosixPath, members: Sequence[_Member], packed: bool) -> Iterator[Entry]:
    """What is directly in a folder of an archive, with everything below it, in the members' order."""
    depth = len(folder.parts)
    named: dict[str, list[_Member]] = {}
    for member in members:
        named.setdefault(member[0].parts[depth], []).append(member)
    for name, below in named.items():
        inside = folder / name
        if len(below) == 1 and below[0][0] == inside:
            yield ArchiveMember(archive, inside, *below[0][1:], packed)
        else:
            deeper = [member for member in below if member[0] != inside]
            yield ArchiveMember(archive, inside, below=tuple(_members(archive, inside, deeper, packed)))
