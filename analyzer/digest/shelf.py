"""Where digests are kept: a week that is over is built once, so that reading it again never gives other numbers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa

from analyzer.digest.build import build_digest
from analyzer.digest.model import Digest
from analyzer.digest.week import IsoWeek
from collector.storage import Store, load_sql


def digest_of(
    store: Store,
    team: str,
    week: IsoWeek,
    *,
    now: datetime,
    rebuild: bool = False,
    settled: bool = True,
    prices_as_of: Mapping[str, str] | None = None,
) -> Digest:
    """The kept digest of a team and week, built and kept first where there is none or `rebuild` asks for it.

    A week that is not over at `now` (aware), of which a run goes on, or of which analyses are still to come (not `settled`), is built
    anew each time and not kept; neither is a week without applications, so that a log imported later still counts.
    """
    kept = None if rebuild else _kept(store, team, week)
    if kept is not None:
        return kept
    digest = build_digest(store, team, week, final=settled and week.end <= now, prices_as_of=prices_as_of)
    if digest.final and not digest.silent:
        _keep(store, digest, now)
    return digest


def list_digests(store: Store, team: str = "", rows: int = 100) -> list[Digest]:
    """Kept digests, newest week first; of one team where it is named."""
    found: list[dict[str, Any]] = store.rows(load_sql(__file__, "kept_digests"), {"team": team, "rows": rows})
    return [Digest.from_dict(json.loads(row["content"])) for row in found]


def _kept(store: Store, team: str, week: IsoWeek) -> Digest | None:
    rows = store.rows(load_sql(__file__, "kept_digest"), {"team": team, "period_start": week.start.date().isoformat()})
    return Digest.from_dict(json.loads(rows[0]["content"])) if rows else None


def _keep(store: Store, digest: Digest, now: datetime) -> None:
    week = digest.iso_week
    row = {
        "team": digest.team,
        "period_start": week.start.date(),
        "period_end": week.end.date(),
        "content": json.dumps(digest.to_dict(), ensure_ascii=False),
        "created_at": now,
    }
    schema = pa.schema(
        [
            ("team", pa.string()),
            ("period_start", pa.date32()),
            ("period_end", pa.date32()),
            ("content", pa.string()),
            ("created_at", pa.timestamp("ms", tz="UTC")),
        ]
    )
    store.insert("digests", pa.Table.from_pylist([row], schema=schema))
