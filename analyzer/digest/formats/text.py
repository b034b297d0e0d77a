"""The digest as plain text, at most 80 columns: a terminal, or the text part of a mail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from analyzer.digest.formats.overview import COLUMNS, one_line, overview, signed_usd, source_note
from analyzer.digest.model import Digest, Mover, TopFinding
from analyzer.figures import count, usd, usd_range

WIDTH = 80


def render(digest: Digest) -> str:
    """The whole digest; one line for a week without applications."""
    if digest.silent:
        return "\n".join(_wrap(one_line(digest.headline))) + "\n"
    return "\n".join(map(one_line, _lines(digest))) + "\n"


def _lines(digest: Digest) -> Iterator[str]:
    yield from _wrap(f"{digest.team}, week {digest.week} ({digest.iso_week.days})" + ("" if digest.final else ", so far"))
    yield "=" * WIDTH
    yield from _wrap(digest.headline)
    yield ""
    for name, *cells in (COLUMNS, *overview(digest)):
        yield f"  {name:<16}{cells[0]:>20}{cells[1]:>18}{cells[2]:>20}".rstrip()
    yield ""
    if digest.findings:
        yield from _section("What to change")
        for place, finding in enumerate(digest.findings, 1):
            yield from _finding(place, finding)
        if digest.more_findings:
            yield f"  … and {count(digest.more_findings, 'smaller finding')}: sparkledger findings"
            yield ""
    if digest.movers:
        yield from _section("Who moved")
        yield from (_mover(mover) for mover in digest.movers)
        yield ""
    if digest.quality.note:
        yield from _wrap(digest.quality.note)
    yield from _wrap(source_note(digest))


def _section(title: str) -> Iterator[str]:
    yield from (title, "-" * len(title))


def _finding(place: int, finding: TopFinding) -> Iterator[str]:
    saving = usd_range(finding.saving_low_usd, finding.saving_high_usd)
    tail = f": saves {saving} ({finding.severity}, {finding.rule_code})"
    yield f"{place}. {_cut(finding.pipeline, WIDTH - len(tail) - 3)}{tail}"
    yield from _wrap(finding.title, "   ")
    yield from _wrap(f"Change: {finding.change}", "   ")
    yield from (f"     --conf {key}={value}" for key, value in finding.conf.items())
    yield f"   In {count(finding.runs, 'run')}; see: sparkledger report {finding.app_id}"
    yield ""


def _mover(mover: Mover) -> str:
    since = "new" if mover.before_usd is None else signed_usd(mover.change_usd)
    return f"  {_cut(mover.pipeline, 38):<38}{usd(mover.cost_usd):>14}{since:>14}{count(mover.runs, 'run'):>12}"


def _wrap(sentence: str, indent: str = "") -> list[str]:
    return textwrap.wrap(sentence, WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else name[: width - 1] + "…"
