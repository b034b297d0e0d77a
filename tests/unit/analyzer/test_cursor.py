"""Cursors: what was given comes back, and nothing that somebody made up reaches the store."""

from __future__ import annotations

import base64

import pytest
from fastapi import HTTPException

from analyzer.api.cursor import decode, encode


def test_a_cursor_gives_its_key_back() -> None:
    key = (3, 0.1 + 0.2, "application_1_1", "ä\U0001f600", "")
    assert decode(encode(*key), int, float, str, str, str) == key
    assert decode("", int) is None


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("[" + "9" * 40 + "]", (int,)),
        ("[-9007199254740993]", (int,)),
        ("[true]", (int,)),
        ("[NaN]", (float,)),
        ("[-Infinity]", (float,)),
        ("[1e301]", (float,)),
        ('["\\ud800"]', (str,)),
        ('{"0": 1}', (int,)),
        ("[1, 2]", (int,)),
        ("[" * 300, (int,)),
    ],
)
def test_what_the_store_would_refuse_is_no_cursor(text: str, kinds: tuple[type, ...]) -> None:
    with pytest.raises(HTTPException) as caught:
        decode(base64.urlsafe_b64encode(text.encode()).decode(), *kinds)
    assert (caught.value.status_code, caught.value.detail["code"]) == (422, "bad_cursor")  # type: ignore[index]
