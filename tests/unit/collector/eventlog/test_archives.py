"""Archives as other tools pack them: whatever the members are called, whatever the file is called, cut off or not."""

from __future__ import annotations

import gzip
import io
import lzma
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.eventlog.codecs import StreamState
from collector.eventlog.files import UNREADABLE, SourceNotFound
from collector.eventlog.sources import find_logs

FOLDER = "eventlog_v2_app-1"
PARTS = {f"{FOLDER}/events_{number}_app-1": b'{"Event":"x","n":%d}\n' % number for number in (1, 2, 10)}
WHOLE = b"".join(PARTS.values())


def tarred(path: Path, mode: str, prefix: str = "", members: dict[str, bytes] = PARTS) -> Path:
    with tarfile.open(path, mode) as tar:  # type: ignore[call-overload]
        for name, data in members.items():
            member = tarfile.TarInfo(prefix + name)
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return path


def zipped(path: Path, separator: str) -> Path:
    with zipfile.ZipFile(path, "w") as packed:
        for name, data in PARTS.items():
            packed.writestr(name.replace("/", separator), data)
    return path


def only_log(path: Path) -> bytes:
    (source,) = find_logs(path)
    return b"".join(source.chunks(StreamState()))


@pytest.mark.parametrize("prefix", ["", "./", "./logs/", "/var/spark/"])
@pytest.mark.parametrize(("name", "mode"), [("a.tar", "w"), ("a.tgz", "w:gz"), ("a.tar.xz", "w:xz"), ("a.tar.bz2", "w:bz2"), ("a", "w:gz")])
def test_tar_is_a_folder_however_it_was_made(tmp_path: Path, prefix: str, name: str, mode: str) -> None:
    assert only_log(tarred(tmp_path / name, mode, prefix)) == WHOLE


@pytest.mark.parametrize("separator", ["/", "\\"])
def test_zip_is_a_folder_whichever_slashes_it_has(tmp_path: Path, separator: str) -> None:
    assert only_log(zipped(tmp_path / "a.zip", separator)) == WHOLE


def test_later_member_of_one_name_is_the_one_that_counts(tmp_path: Path) -> None:
    path = tarred(tmp_path / "a.tar", "w", members={"app-1": b"old\n"})
    with tarfile.open(path, "a") as tar:
        member = tarfile.TarInfo("./app-1")
        member.size = 4
        tar.addfile(member, io.BytesIO(b"new\n"))
    assert only_log(path) == b"new\n"


def test_tar_that_was_cut_off_gives_what_precedes_the_end(tmp_path: Path) -> None:
    members = {name: b"%s\n" % name.encode() * 2000 for name in ("app-1", "app-2", "app-3")}
    whole = tarred(tmp_path / "a.tar", "w", members=members).read_bytes()
    (tmp_path / "cut").write_bytes(whole[: int(len(whole) * 0.6)])
    first, second = find_logs(tmp_path / "cut")
    assert b"".join(first.chunks(StreamState())) == members["app-1"]
    with pytest.raises(UNREADABLE):
        b"".join(second.chunks(StreamState()))


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_packed_file_that_is_no_tar_is_a_file(tmp_path: Path, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "app-1").write_bytes(pack(WHOLE))
    (source,) = find_logs(tmp_path / "app-1")
    assert source.location == str(tmp_path / "app-1")
    assert b"".join(source.chunks(StreamState())) == WHOLE


def test_many_members_of_one_folder_are_found_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for number in range(3000):
            packed.writestr(f"logs/app-{number}", b"{}\n")
    assert len(list(find_logs(path))) == 3000


def test_logs_in_a_compressed_tar_are_read_without_starting_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rewound: list[object] = []
    rewind = gzip._GzipReader._rewind  # type: ignore[attr-defined]

    def count(reader: object) -> None:
        rewound.append(reader)
        rewind(reader)

    members = {f"app-{number}": b"%d\n" % number * 20_000 for number in (7, 3, 9, 1, 5)}
    sources = list(find_logs(tarred(tmp_path / "a.tgz", "w:gz", members=members)))
    monkeypatch.setattr(gzip._GzipReader, "_rewind", count)
    read = {source.name: b"".join(source.chunks(StreamState())) for source in sources if source.digest()}
    assert read == members
    assert rewound == []


def test_archive_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    first = tarred(tmp_path / "a.tgz", "w:gz", members={"app-1": b"first\n"})
    assert only_log(first) == b"first\n"
    tarred(tmp_path / "a.tgz", "w:gz", members={"app-1": b"second, which is longer\n"})
    assert only_log(first) == b"second, which is longer\n"


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that may not be read, in one that may; the tests may run as root, whom no mode stops."""
    folder = tmp_path / "logs" / "closed"
    folder.mkdir(parents=True)
    listed = Path.iterdir

    def refuse(path: Path) -> Iterator[Path]:
        if path == folder:
            raise PermissionError(13, "Permission denied", str(path))
        return listed(path)

    monkeypatch.setattr(Path, "iterdir", refuse)
    return folder


def test_folder_that_may_not_be_read_is_named(closed: Path) -> None:
    with pytest.raises(SourceNotFound, match="Permission denied"):
        list(find_logs(closed))


def test_folder_that_may_not_be_read_keeps_nobody_from_the_others(closed: Path) -> None:
    (closed.parent / "app-1").write_bytes(b"1\n")
    log, refused = find_logs(closed.parent)
    assert b"".join(log.chunks(StreamState())) == b"1\n"
    with pytest.raises(OSError, match=r"closed` cannot be read: Permission denied"):
        refused.digest()


def test_place_that_may_not_be_looked_at_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refuse)
    with pytest.raises(SourceNotFound, match="cannot be read: Permission denied"):
        list(find_logs(tmp_path / "closed" / "app-1"))


def test_no_name_is_not_the_working_directory() -> None:
    with pytest.raises(SourceNotFound, match="does not exist"):
        list(find_logs(""))
