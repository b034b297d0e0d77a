"""Undoing the compression of a body: in time that grows with it, whatever it is put together of."""

from __future__ import annotations

import gzip
import time

import pytest

from collector.api.body import BodyTooLarge, BrokenBody, decompress

LIMIT_BYTES = 32 << 20
EMPTY = gzip.compress(b"")


def test_members_are_read_one_after_another_wherever_they_begin() -> None:
    parts = [b"a" * size for size in (0, 1, 100_000, 0, 3 << 20)]
    noise = bytes(range(256)) * 400
    body = b"".join(gzip.compress(part) for part in [*parts, noise])
    assert decompress(body, "gzip", limit_bytes=LIMIT_BYTES) == b"".join(parts) + noise


@pytest.mark.parametrize("body", [EMPTY[:-1], EMPTY + b"rest", EMPTY + gzip.compress(b"x" * 1000)[:20]])
def test_a_body_that_ends_in_the_middle_or_goes_on_as_something_else_is_broken(body: bytes) -> None:
    with pytest.raises(BrokenBody):
        decompress(body, "gzip", limit_bytes=LIMIT_BYTES)


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    with pytest.raises(BodyTooLarge):
        decompress(gzip.compress(bytes(LIMIT_BYTES + 1)), "gzip", limit_bytes=LIMIT_BYTES)


def test_a_body_of_empty_members_takes_time_in_proportion_to_its_size() -> None:
    began_s = time.thread_time()
    assert decompress(EMPTY * 160_000, "gzip", limit_bytes=LIMIT_BYTES) == b""
    # In proportion, that is a fraction of a second; with a copy of the rest for each member, minutes.
    assert time.thread_time() - began_s < 15
