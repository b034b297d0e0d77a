"""Logs that a text tool saved again, plain and packed."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.eventlog import Identity, decode
from collector.eventlog.codecs import StreamState
from collector.eventlog.encodings import as_utf8, is_saved_again
from collector.eventlog.ranges import bytes_of, pieces_of
from collector.eventlog.sources import find_logs
from tests.unit.collector.eventlog.encoding import line

TEXT = "".join(
    part.decode() for part in (line("SparkListenerLogStart", Spark_Version="3.5.3"), line("SparkListenerApplicationEnd", Timestamp=5))
)
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_encoding_makes_no_difference(tmp_path: Path, encoding: str, pack: object) -> None:
    assert callable(pack)
    (tmp_path / "app-1").write_bytes(pack(TEXT.encode(encoding)))
    (source,) = find_logs(tmp_path / "app-1")
    data = b"".join(map(bytes_of, pieces_of(source, StreamState(), lambda _: None)))
    assert data == TEXT.encode()
    batch = decode(data, Identity("app-1"))
    assert (batch.events, batch.bad_line_count) == (2, 0)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=50), st.sampled_from(ENCODINGS), st.integers(1, 7))
def test_pieces_may_end_anywhere(rest: str, encoding: str, size: int) -> None:
    text = '{"' + rest
    data = text.encode(encoding)
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(as_utf8(pieces)) == text.encode()


@given(st.binary())
def test_anything_else_is_left_as_it_is(data: bytes) -> None:
    if not is_saved_again(data):
        assert b"".join(as_utf8([data])) == data


def test_text_that_ends_within_a_character_ends_with_a_mark_of_that() -> None:
    assert b"".join(as_utf8(["{é".encode("utf-16")[:-1]])) == "{\N{REPLACEMENT CHARACTER}".encode()
