"""GET /digests and the digest of one team and week."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response

from analyzer.api.dependencies import LedgerDep, Limit, Team
from analyzer.api.digests.schemas import DigestList, DigestSummary
from analyzer.api.errors import invalid
from analyzer.api.freshness import analyse_pending, pending_applications
from analyzer.api.prices import prices_as_of_by_name
from analyzer.digest.formats import MEDIA_TYPES, RENDERERS
from analyzer.digest.model import Digest
from analyzer.digest.shelf import digest_of, list_digests
from analyzer.digest.week import IsoWeek

router = APIRouter(prefix="/digests", tags=["digests"])
Format = Literal["json", "text", "markdown", "html"]
_IN_OTHER_FORMATS: dict[int | str, dict[str, Any]] = {200: {"model": Digest, "content": {media: {} for media in MEDIA_TYPES.values()}}}
_NO_SCRIPT = {"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'", "X-Content-Type-Options": "nosniff"}
"""A browser that opens the mail here, within the session, takes it for nothing else and runs nothing of it."""


@router.get("", summary="List kept digests")
def list_kept(ledger: LedgerDep, team: Team = "", limit: Limit = 50) -> DigestList:
    """Digests of weeks that are over and were read at least once, newest week first."""
    kept = list_digests(ledger.store, team, limit)
    return DigestList(digests=[DigestSummary(team=d.team, week=d.week, headline=d.headline) for d in kept])


@router.get("/{team:path}/{week}", summary="Read a team's digest of one week", response_model=None, responses=_IN_OTHER_FORMATS)
def get_digest(
    ledger: LedgerDep,
    team: str,
    week: str,
    format: Annotated[Format, Query(description="json, or rendered: text, markdown, html (a mail)")] = "json",
    rebuild: Annotated[bool, Query(description="Build it anew, such as after an import of older logs")] = False,
) -> Digest | Response:
    """Built from stored numbers on first reading, then kept: a week that is over reads the same for ever.

    The digest of a week that still runs, of which a run goes on, or of which analyses are still to come, is a preview, built each time.
    """
    now = datetime.now(timezone.utc)
    iso_week = _parse(week, now)
    # On a busy server runs of today are due at any time; the weeks before do not wait for them.
    settled = analyse_pending(ledger) == 0 or not pending_applications(ledger, int(iso_week.end.timestamp() * 1000))
    prices_as_of = prices_as_of_by_name()
    digest = digest_of(ledger.store, team, iso_week, now=now, rebuild=rebuild, settled=settled, prices_as_of=prices_as_of)
    if format == "json":
        return digest
    return Response(RENDERERS[format](digest), media_type=MEDIA_TYPES[format], headers=_NO_SCRIPT)


def _parse(week: str, now: datetime) -> IsoWeek:
    try:
        parsed = IsoWeek.parse(week)
    except ValueError as error:
        raise invalid("bad_week", str(error), f"this week is {IsoWeek.of(now)}") from None
    if parsed.start > now:
        raise invalid("week_not_begun", f"week {week} has not begun", f"this week is {IsoWeek.of(now)}")
    return parsed
