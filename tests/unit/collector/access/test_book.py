"""Tokens as several collectors change them."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pyarrow as pa
import pytest

from collector.access import READ, TokenBook, book

NOON = datetime(2026, 11, 26, 12, tzinfo=timezone.utc)


class Rows:
    """The table of tokens: for a token the row with the greatest `changed_at` counts."""

    def __init__(self) -> None:
        self._rows: list[dict[str, Any]] = []

    def insert(self, table: str, rows: pa.Table) -> None:
        assert table == "access_tokens"
        self._rows += rows.to_pylist()

    def rows(self, sql: str) -> list[dict[str, Any]]:
        latest = {row["token_id"]: row for row in sorted(self._rows, key=lambda row: row["changed_at"])}
        return [
            {**{k: v for k, v in row.items() if k not in ("owner_team", "changed_at")}, "team": row["owner_team"]}
            for row in latest.values()
        ]


@pytest.mark.parametrize("behind", [timedelta(0), timedelta(minutes=5), timedelta(minutes=-5)])
def test_token_is_revoked_by_a_collector_with_another_clock(monkeypatch: pytest.MonkeyPatch, behind: timedelta) -> None:
    rows: Any = Rows()
    monkeypatch.setattr(book, "_now", lambda: NOON)
    secret, token = TokenBook(rows).create("jobs", [READ])
    monkeypatch.setattr(book, "_now", lambda: NOON - behind)
    other = TokenBook(rows)
    assert other.revoke(token.token_id) is not None
    first = TokenBook(rows)
    first.refresh()
    assert (first.find(secret), other.find(secret)) == (None, None)
