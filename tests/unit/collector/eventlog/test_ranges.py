"""Pieces of plain files: whole lines, every byte once, bounded."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from collector.eventlog import Identity, decode, ranges
from collector.eventlog.codecs import StreamState
from collector.eventlog.lines import MAX_LINE_BYTES
from collector.eventlog.ranges import FileRange, blocks_of, bytes_of, pieces_of, ranges_of
from collector.eventlog.sources import find_logs


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.binary(max_size=300).map(lambda data: data.replace(b"x", b"\n")), st.integers(1, 60))
def test_ranges_hold_every_byte_once_and_whole_lines(tmp_path: Path, data: bytes, piece_bytes: int) -> None:
    path = tmp_path / "log"
    path.write_bytes(data)
    pieces = [piece.read() for piece in ranges_of(str(path), piece_bytes)]
    assert b"".join(pieces) == data
    assert all(piece.endswith(b"\n") for piece in pieces[:-1])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(st.binary(max_size=300).map(lambda data: data.replace(b"x", b"\n")), st.integers(1, 60), st.integers(1, 20))
def test_blocks_of_a_range_are_whole_lines_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes, piece_bytes: int, block_bytes: int
) -> None:
    monkeypatch.setattr(ranges, "_BLOCK_BYTES", block_bytes)
    path = tmp_path / "log"
    path.write_bytes(data)
    for piece in ranges_of(str(path), piece_bytes):
        blocks = list(blocks_of(piece))
        assert b"".join(blocks) == piece.read()
        assert all(block.endswith(b"\n") for block in blocks[:-1])


def test_endless_line_is_cut_and_refused_and_the_rest_read(tmp_path: Path) -> None:
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b'{"Event":"SparkListenerBlockUpdated"}\n{"Event":"')
        file.seek(MAX_LINE_BYTES + 50_000_000, 1)
        file.write(b'"}\n{"Event":"SparkListenerBlockUpdated"}\n')
    pieces = list(ranges_of(str(path), 1_000_000))
    assert max(piece.size_bytes for piece in pieces) <= MAX_LINE_BYTES + 1_000_000
    batches = [decode(blocks_of(piece), Identity("a"), may_be_cut=True) for piece in pieces]
    assert sum(batch.bad_line_count for batch in batches) == 1
    assert (sum(batch.events for batch in batches), sum(batch.lines for batch in batches)) == (2, 3)
    assert not any(batch.incomplete for batch in batches)


def test_only_plain_files_on_disk_are_named_by_offsets(tmp_path: Path) -> None:
    data = b"{}\n" * 1000
    (tmp_path / "plain").write_bytes(data)
    (tmp_path / "packed").write_bytes(gzip.compress(data))
    read: list[int] = []
    for name, kind in (("plain", FileRange), ("packed", bytes)):
        (source,) = find_logs(tmp_path / name)
        pieces = list(pieces_of(source, StreamState(), read.append, piece_bytes=500))
        assert {type(piece) for piece in pieces} == {kind}
        assert b"".join(map(bytes_of, pieces)) == data
        assert sum(read) == (0 if kind is FileRange else source.size_bytes)
        read.clear()
