"""Streams of every codec: whole, joined, cut anywhere, damaged, and lying about their sizes."""

from __future__ import annotations

import bz2
import io
import lzma
import struct
from collections.abc import Callable
from functools import partial

import lz4.block
import lz4.frame
import pyarrow as pa
import pytest
import xxhash
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.eventlog.codecs import StreamState, codec_of, decompressed

LINES = b"".join(b'{"Event":"SparkListenerTaskStart","Stage ID":%d,"x":"%s"}\n' % (n, b"ab" * (n % 40)) for n in range(3000))


def plain_of(data: bytes) -> tuple[bytes, str]:
    state = StreamState()
    return b"".join(decompressed(io.BytesIO(data), state)), state.cut


def blocks(data: bytes, size: int) -> list[bytes]:
    return [data[at : at + size] for at in range(0, len(data), size)]


def lz4_block(data: bytes, method: int = 0x20, checksum: int | None = None) -> bytes:
    body = lz4.block.compress(data, store_size=False) if method == 0x20 else data
    digest = xxhash.xxh32_intdigest(data, 0x9747B28C) & 0x0FFFFFFF if checksum is None else checksum
    return struct.pack("<8sBiiI", b"LZ4Block", method | 5, len(body), len(data), digest) + body


LZ4_END = struct.pack("<8sBiiI", b"LZ4Block", 0x10 | 5, 0, 0, 0)


def lz4_java(data: bytes) -> bytes:
    return b"".join(lz4_block(block, 0x10 if number % 3 == 0 else 0x20) for number, block in enumerate(blocks(data, 32768))) + LZ4_END


def snappy_java(data: bytes) -> bytes:
    header = b"\x82SNAPPY\x00" + struct.pack(">ii", 1, 1)
    parts = (pa.compress(block, codec="snappy", asbytes=True) for block in blocks(data, 32768))
    return header + b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def snappy_framed(data: bytes) -> bytes:
    out = [b"\xff\x06\x00\x00sNaPpY", b"\xfe\x02\x00\x00pp"]
    for number, block in enumerate(blocks(data, 65536)):
        body = block if number % 2 else pa.compress(block, codec="snappy", asbytes=True)
        out.append(bytes([number % 2]) + (len(body) + 4).to_bytes(3, "little") + b"crc!" + body)
    return b"".join(out)


def lzf(data: bytes) -> bytes:
    """Chunks as compress-lzf's: greedy references of all lengths and distances, stored where that is shorter."""
    return b"".join(_lzf_chunk(block) for block in blocks(data, 65535))


def _lzf_chunk(data: bytes) -> bytes:
    out, literals, seen, at = bytearray(), bytearray(), {}, 0
    while at < len(data):
        start, length = seen.get(data[at : at + 3]), 0
        seen[data[at : at + 3]] = at
        if start is not None and at - start <= 8192:
            while at + length < len(data) and length < 264 and data[start + length] == data[at + length]:
                length += 1
        if length < 3:
            literals.append(data[at])
            at += 1
            continue
        out += _literal_runs(literals)
        literals.clear()
        distance, coded = at - start - 1, length - 2
        head = bytes([coded << 5 | distance >> 8]) if coded < 7 else bytes([7 << 5 | distance >> 8, coded - 7])
        out += head + bytes([distance & 255])
        at += length
    out += _literal_runs(literals)
    if len(out) >= len(data):
        return b"ZV\x00" + len(data).to_bytes(2, "big") + data
    return b"ZV\x01" + len(out).to_bytes(2, "big") + len(data).to_bytes(2, "big") + out


def _literal_runs(literals: bytearray) -> bytes:
    return b"".join(bytes([len(run) - 1]) + run for run in blocks(bytes(literals), 32))


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "lz4-java": ("lz4", lz4_java),
    "lz4-frame": ("lz4", lz4.frame.compress),
    "snappy-java": ("snappy", snappy_java),
    "snappy-framed": ("snappy", snappy_framed),
    "lzf": ("lzf", lzf),
    "bzip2": ("bzip2", partial(bz2.compress, compresslevel=1)),
    "xz": ("xz", lzma.compress),
}


@pytest.fixture(params=ENCODERS)
def encoding(request: pytest.FixtureRequest) -> tuple[str, Callable[[bytes], bytes]]:
    return ENCODERS[request.param]


def test_codec_is_recognised_and_undone(encoding: tuple[str, Callable[[bytes], bytes]]) -> None:
    codec, encode = encoding
    data = encode(LINES)
    assert codec_of(data[:10]) == codec
    assert plain_of(data) == (LINES, "")


def test_streams_one_after_another_are_one(encoding: tuple[str, Callable[[bytes], bytes]]) -> None:
    _, encode = encoding
    assert plain_of(encode(LINES) + encode(b"") + encode(LINES)) == (LINES * 2, "")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_cut_stream_gives_what_is_there(encoding: tuple[str, Callable[[bytes], bytes]], kept: float) -> None:
    codec, encode = encoding
    data = encode(LINES)
    plain, cut = plain_of(data[: int(len(data) * kept)])
    assert LINES.startswith(plain)
    assert len(plain) > len(LINES) * kept - 140_000
    assert cut == f"{codec} stream is unfinished"


def test_lz4_stream_without_its_end_block_is_unfinished() -> None:
    assert plain_of(lz4_java(LINES)[: -len(LZ4_END)]) == (LINES, "lz4 stream is unfinished")


DAMAGED = {
    "wrong lz4 checksum": (lz4_block(b"good") + lz4_block(b"bad", checksum=1), "the checksum of a block is wrong"),
    "lz4 bomb": (struct.pack("<8sBiiI", b"LZ4Block", 0x25, 10, 2**31 - 1, 0), "claims"),
    "lz4 of negative size": (struct.pack("<8sBiiI", b"LZ4Block", 0x25, -1, 10, 0), "claims"),
    "unknown lz4 method": (lz4_block(b"x", method=0x30), "unknown method"),
    "no lz4 magic": (lz4_block(b"good") + b"x" * 21, "does not begin"),
    "lz4 block that is no lz4": (struct.pack("<8sBiiI", b"LZ4Block", 0x25, 4, 90, 0) + b"\xff" * 4, "damaged"),
    "lz4 frame": (b"\x04\x22\x4d\x18" + b"\xff" * 100, "damaged"),
    "snappy bomb": (b"\x82SNAPPY\x00" + bytes(8) + b"\x00\x00\x00\x06" + b"\xff\xff\xff\xff\x0f\x00", "claims to hold"),
    "snappy of giant size": (b"\x82SNAPPY\x00" + bytes(8) + b"\x7f\xff\xff\xff", "claims"),
    "snappy without a length": (b"\x82SNAPPY\x00" + bytes(8) + b"\x00\x00\x00\x05" + b"\xff" * 5, "its length"),
    "snappy that is no snappy": (b"\x82SNAPPY\x00" + bytes(8) + b"\x00\x00\x00\x03" + b"\x10\xff\xff", "damaged"),
    "snappy chunk of unknown type": (b"\xff\x06\x00\x00sNaPpY" + b"\x40\x00\x00\x00", "unknown type"),
    "bzip2": (b"BZh9" + b"\xff" * 100, "damaged"),
    "xz": (b"\xfd7zXZ\x00" + b"\xff" * 100, "damaged"),
    "lzf of unknown type": (b"ZV\x02\x00\x01x", "type of 0 or 1"),
    "lzf that refers too far back": (b"ZV\x01\x00\x02\x00\x05\x20\x10", "before its beginning"),
    "lzf that ends in a reference": (b"ZV\x01\x00\x03\x00\x05\x00a\x20", "middle of a reference"),
    "lzf of another length": (b"ZV\x01\x00\x02\x00\x05\x00a", "1 bytes instead of 5"),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named_and_ends_the_stream(name: str) -> None:
    data, reason = DAMAGED[name]
    plain, cut = plain_of(data)
    assert reason in cut
    assert len(plain) < 200_000
    assert name.split()[0] not in ("wrong", "no") or plain == b"good"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(list(ENCODERS)), st.binary(max_size=3000), st.data())
def test_any_bytes_survive_and_any_damage_is_contained(name: str, content: bytes, data: st.DataObject) -> None:
    _, encode = ENCODERS[name]
    encoded = bytearray(encode(content * data.draw(st.integers(1, 4), label="repetitions")))
    if encoded and encoded[0] != content[:1]:
        assert plain_of(bytes(encoded))[1] == ""
    if encoded:
        encoded[data.draw(st.integers(0, len(encoded) - 1), label="position")] ^= data.draw(st.integers(1, 255), label="flipped")
        plain, _ = plain_of(bytes(encoded))
        assert len(plain) < 70_000_000


MAGICS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\x5f\x2a\x4d\x18": "zstd",
    b"LZ4Block": "lz4",
    b"\x04\x22\x4d\x18": "lz4",
    b"\x82SNAPPY\x00": "snappy",
    b"\xff\x06\x00\x00sNaPpY": "snappy",
    b"ZV\x01": "lzf",
    b"ZV\x00": "lzf",
    b"BZh9": "bzip2",
    b"\xfd7zXZ\x00": "xz",
}


@given(st.binary(max_size=200), st.sampled_from(list(MAGICS)))
def test_garbage_after_any_magic_does_no_harm(garbage: bytes, magic: bytes) -> None:
    state = StreamState()
    plain = b"".join(decompressed(io.BytesIO(magic + garbage), state))
    assert state.codecs == {MAGICS[magic]: 1}
    assert len(plain) < 70_000_000
