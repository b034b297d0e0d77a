"""Logs in archives and object stores."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import SourceNotFound, find_logs

FILES = {
    "eventlog_v2_app-1/events_1_app-1": b"1\n",
    "eventlog_v2_app-1/events_2_app-1": b"2\n",
    "eventlog_v2_app-1/appstatus_app-1": b"",
    "app-2": b"only\n",
    "deep/er/app-3": b"deep\n",
}
EXPECTED = {"eventlog_v2_app-1": b"1\n2\n", "app-2": b"only\n", "app-3": b"deep\n"}


def contents(place: str | Path) -> dict[str, bytes]:
    return {source.name: b"".join(source.chunks(StreamState())) for source in find_logs(place)}


def test_zip_as_the_history_server_gives_it_counts_as_a_folder(tmp_path: Path) -> None:
    path = tmp_path / "logs.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in FILES.items():
            archive.writestr(name, data)
    assert contents(path) == EXPECTED
    assert contents(tmp_path) == EXPECTED
    (found,) = [source for source in find_logs(path) if source.name == "app-3"]
    assert (found.location, found.size_bytes) == (f"{path}!deep/er/app-3", 5)


@pytest.mark.parametrize(("name", "mode"), [("logs.tar", "w"), ("logs", "w"), ("logs.tgz", "w:gz"), ("logs.tar.gz", "w:gz")])
def test_tar_counts_as_a_folder(tmp_path: Path, name: str, mode: str) -> None:
    path = tmp_path / name
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for member, data in FILES.items():
            info = tarfile.TarInfo(member)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    assert contents(path) == EXPECTED


def test_path_stays_what_it_was_where_the_working_directory_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "eventlog_v2_app-1").mkdir()
    (tmp_path / "eventlog_v2_app-1" / "events_1_app-1").write_bytes(b"1\n")
    monkeypatch.chdir(tmp_path / "eventlog_v2_app-1")
    (by_name,), (by_place,) = find_logs("events_1_app-1"), find_logs(".")
    monkeypatch.chdir("/")
    assert [b"".join(source.chunks(StreamState())) for source in (by_name, by_place)] == [b"1\n", b"1\n"]
    assert by_place.name == "eventlog_v2_app-1"


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"log-{folder}").write_bytes(b"1\n")
        (tmp_path / folder / "here").symlink_to(".")
        (tmp_path / folder / "up").symlink_to("..")
        (tmp_path / folder / "other").symlink_to(tmp_path / ("b" if folder == "a" else "a"))
    assert [source.location.removeprefix(f"{tmp_path}/") for source in find_logs(tmp_path)] == [
        "a/log-a", "a/other/log-b", "b/log-b", "b/other/log-a",
    ]  # fmt: skip


def test_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (source,) = find_logs(tmp_path)
    with pytest.raises(OSError, match="is no regular file"):
        source.digest()


@pytest.mark.parametrize(("name", "data"), [("a.zip", b"PK\x03\x04 no zip"), ("a.tar.gz", b"\x1f\x8b no tar")])
def test_broken_archive_is_a_file_like_any_other(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    (found,) = find_logs(tmp_path)
    assert found.name == name


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    """The query part of URLs into an S3 server on loopback that holds `FILES` in the bucket `logs`."""
    server_module = pytest.importorskip("moto.server", reason="moto is not installed: it comes with the `demo` extra")
    boto3 = pytest.importorskip("boto3")
    names = {"AWS_ACCESS_KEY_ID": "any", "AWS_SECRET_ACCESS_KEY": "any", "AWS_EC2_METADATA_DISABLED": "true"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in names.items():
            patch.setenv(name, value)
        server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        try:
            host, port = server.get_host_and_port()
            client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
            client.create_bucket(Bucket="logs")
            for name, data in FILES.items():
                client.put_object(Bucket="logs", Key=f"history/{name}", Body=data)
            client.close()
            yield f"?endpoint_override={host}:{port}&scheme=http&region=us-east-1"
        finally:
            server.stop()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("scheme", ["s3", "s3a"])
def test_logs_in_s3_are_found_and_read(s3: str, scheme: str) -> None:
    assert contents(f"{scheme}://logs/history{s3}") == EXPECTED
    assert contents(f"{scheme}://logs/history/app-2{s3}") == {"app-2": b"only\n"}
    (found,) = find_logs(f"{scheme}://logs/history/app-2{s3}")
    assert found.location == "s3://logs/history/app-2"
    assert found.digest() == next(find_logs(f"{scheme}://logs/history/app-2{s3}")).digest()


@pytest.mark.filterwarnings("ignore")
def test_absent_object_is_named(s3: str) -> None:
    with pytest.raises(SourceNotFound, match="logs/nowhere"):
        list(find_logs(f"s3://logs/nowhere{s3}"))


def test_place_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(SourceNotFound, match="ftp://"):
        list(find_logs("ftp://host/log"))


@pytest.mark.skipif("HADOOP_HOME" in os.environ, reason="Hadoop's native client may be here")
def test_hdfs_without_its_native_client_says_what_is_needed() -> None:
    with pytest.raises(SourceNotFound, match="HADOOP_HOME"):
        list(find_logs("hdfs://127.0.0.1:9/logs"))
