"""Logs on disk, whole or cut, in parts and in codecs."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from collector.eventlog.codecs import StreamState
from collector.eventlog.lines import MAX_LINE_BYTES
from collector.eventlog.sources import SourceNotFound, find_logs, whole_lines

DATA = b"".join(b'{"Event":"SparkListenerTaskStart","Stage ID":%d}\n' % number for number in range(5000))


def content(path: Path, state: StreamState | None = None) -> bytes:
    (source,) = find_logs(path)
    return b"".join(source.chunks(state or StreamState(), chunk_bytes=10_000))


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("name", ["log", "log.lz4", "log.inprogress"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress, zstandard.compress, lambda d: gzip.compress(d[:70]) + gzip.compress(d[70:]),
                                      lambda d: zstandard.compress(d[:70]) + zstandard.compress(d[70:])],
                         ids=["plain", "gzip", "zstd", "gzip-members", "zstd-frames"])  # fmt: skip
def test_codec_is_told_by_content(tmp_path: Path, name: str, compress: object) -> None:
    assert callable(compress)
    state = StreamState()
    assert content(written(tmp_path / name, compress(DATA)), state) == DATA
    assert not state.cut


@pytest.mark.parametrize(("compress", "codec"), [(gzip.compress, "gzip"), (zstandard.compress, "zstd")])
@pytest.mark.parametrize("kept", [0.2, 0.6, 0.99])
def test_unfinished_stream_gives_what_is_there(tmp_path: Path, compress: object, codec: str, kept: float) -> None:
    assert callable(compress)
    random = b"".join(b'{"n":"%x"}\n' % hash((n, "x")) for n in range(60_000))
    whole = compress(random)
    state = StreamState()
    data = content(written(tmp_path / "log", whole[: int(len(whole) * kept)]), state)
    assert random.startswith(data)
    assert len(data) > len(random) * (kept - 0.15)
    assert state.cut == f"{codec} stream is unfinished"


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_damaged_stream_gives_what_precedes_the_damage(tmp_path: Path, compress: object) -> None:
    assert callable(compress)
    state = StreamState()
    assert content(written(tmp_path / "log", compress(DATA) + b"garbage after the end"), state) == DATA
    assert "damaged" in state.cut


def test_rolled_parts_are_read_by_number(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app-1"
    folder.mkdir()
    for number in (10, 2, 1):
        written(folder / f"events_{number}_app-1", b"%d\n" % number)
    written(folder / "appstatus_app-1.inprogress", b"")
    assert content(folder) == b"1\n2\n10\n"


def test_compacted_part_replaces_those_before_it(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app-1"
    folder.mkdir()
    for name in ("events_1_app-1", "events_2_app-1", "events_2_app-1.compact", "events_3_app-1"):
        written(folder / name, name.encode() + b"\n")
    assert content(folder) == b"events_2_app-1.compact\nevents_3_app-1\n"


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        (("events_1_a", "events_2_a"), ""),
        (("events_2_a", "events_3_a"), "part 1"),
        (("events_1_a", "events_4_a"), "parts 2, 3"),
        (("events_9_a",), "parts 1, 2, 3, 4, 5, ..."),
        (("events_3_a.compact", "events_4_a"), "compacted"),
    ],
)
def test_missing_parts_are_named(tmp_path: Path, names: tuple[str, ...], missing: str) -> None:
    folder = tmp_path / "eventlog_v2_a"
    folder.mkdir()
    for name in names:
        written(folder / name, b"{}\n")
    state = StreamState()
    content(folder, state)
    assert missing in state.cut
    assert bool(missing) == bool(state.cut)


def test_folder_of_a_rolling_log_without_parts_holds_no_log(tmp_path: Path) -> None:
    (tmp_path / "eventlog_v2_a").mkdir()
    written(tmp_path / "eventlog_v2_a" / "appstatus_a", b"")
    assert list(find_logs(tmp_path)) == []


def test_parts_that_databricks_rolled_are_one_log_with_the_undated_part_last(tmp_path: Path) -> None:
    (tmp_path / "cluster").mkdir()
    names = ("eventlog", "eventlog-2021-06-14--20-00.gz", "eventlog-2021-06-14--18-00.gz", "eventlog-2021-06-15--00-00")
    for name in names:
        data = name.encode() + b"\n"
        written(tmp_path / "cluster" / name, gzip.compress(data) if name.endswith(".gz") else data)
    assert [source.name for source in find_logs(tmp_path)] == ["cluster"]
    assert content(tmp_path / "cluster").splitlines() == [names[2].encode(), names[1].encode(), names[3].encode(), b"eventlog"]


def test_folder_is_walked_by_name(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("c", "a", "b/d", ".hidden", "c.crc"):
        written(tmp_path / name, b"{}\n")
    assert [str(Path(source.location).relative_to(tmp_path)) for source in find_logs(tmp_path)] == ["a", "b/d", "c"]


def test_absent_path_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound, match="nowhere"):
        list(find_logs(tmp_path / "nowhere"))


def test_digest_is_of_the_content(tmp_path: Path) -> None:
    sources = [next(find_logs(written(tmp_path / name, data))) for name, data in (("a", b"1"), ("b", b"1"), ("c", b"2"))]
    digests = [source.digest() for source in sources]
    assert digests[0] == digests[1] != digests[2]


def test_progress_adds_up_to_the_size(tmp_path: Path) -> None:
    (source,) = find_logs(written(tmp_path / "log", zstandard.compress(DATA)))
    read: list[int] = []
    list(source.chunks(StreamState(), read.append, chunk_bytes=10_000))
    assert sum(read) == source.size_bytes


@given(st.lists(st.binary(max_size=30).map(lambda b: b.replace(b"x", b"\n"))), st.integers(1, 40))
def test_regrouping_keeps_every_byte_and_every_line_whole(pieces: list[bytes], chunk_bytes: int) -> None:
    chunks = list(whole_lines(pieces, chunk_bytes))
    assert b"".join(chunks) == b"".join(pieces)
    assert all(chunk.endswith(b"\n") for chunk in chunks[:-1])


def test_endless_line_does_not_fill_the_memory() -> None:
    piece = b"x" * 1_000_000
    chunks = list(whole_lines([*[piece] * 200, b"\n{}\n"], 1_000_000))
    assert len(chunks) == 1
    assert MAX_LINE_BYTES < len(chunks[0]) < MAX_LINE_BYTES + 3_000_000
    assert chunks[0].endswith(b"\n{}\n")


def test_part_that_spark_was_compacting_when_it_died_is_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app-1"
    folder.mkdir()
    for name in ("events_1_app-1", "events_2_app-1", "events_2_app-1.compact.inprogress"):
        written(folder / name, name.encode() + b"\n")
    assert content(folder) == b"events_1_app-1\nevents_2_app-1\n"


def test_empty_files_beside_a_log_of_the_first_sparks_are_no_logs(tmp_path: Path) -> None:
    folder = tmp_path / "spark-pi-1398765432100"
    folder.mkdir()
    written(folder / "EVENT_LOG_1", b"{}\n")
    for name in ("SPARK_VERSION_1.0.0", "COMPRESSION_CODEC_org.apache.spark.io.LZFCompressionCodec", "APPLICATION_COMPLETE"):
        written(folder / name, b"")
    assert [source.name for source in find_logs(tmp_path)] == ["spark-pi-1398765432100"]
    # Elsewhere such a name is as good as any.
    written(tmp_path / "APPLICATION_COMPLETE", b"{}\n")
    assert len(list(find_logs(tmp_path))) == 2


def test_log_that_was_renamed_since_it_was_found_has_no_size(tmp_path: Path) -> None:
    (source,) = find_logs(written(tmp_path / "app-1.inprogress", b"{}\n"))
    (tmp_path / "app-1.inprogress").rename(tmp_path / "app-1")
    assert source.size_bytes == 0


def test_zeros_after_a_gzip_stream_are_passed_over(tmp_path: Path) -> None:
    state = StreamState()
    padded = gzip.compress(DATA) + b"\0" * 3000 + gzip.compress(DATA) + b"\0" * 2_000_000
    assert content(written(tmp_path / "log", padded), state) == DATA + DATA
    assert not state.cut


def test_frame_to_be_skipped_may_come_first(tmp_path: Path) -> None:
    state = StreamState()
    skipped = b"\x50\x2a\x4d\x18" + (4).to_bytes(4, "little") + b"size"
    assert content(written(tmp_path / "log", skipped + zstandard.compress(DATA) + skipped), state) == DATA
    assert (state.cut, state.codecs) == ("", {"zstd": 1})


@pytest.mark.parametrize(
    ("folder", "names"),
    [
        ("eventlog_v2_app-1", ("events_1_app-1", "events_2_app-1.zstd", "events_3_app-1.zstd.compact", "events_4_app-1")),
        ("logs", ("events_1_app-1", "events_2_app-1")),
    ],
)
def test_part_that_lies_there_compressed_too_is_read_once(tmp_path: Path, folder: str, names: tuple[str, ...]) -> None:
    (tmp_path / folder).mkdir()
    for name in names:
        written(tmp_path / folder / name, name.encode() + b"\n")
    once = content(tmp_path / folder)
    for name in names:
        if "." not in name:
            written(tmp_path / folder / f"{name}.gz", gzip.compress(name.encode() + b"\n"))
    assert content(tmp_path / folder) == once
