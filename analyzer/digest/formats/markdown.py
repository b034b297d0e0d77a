"""The digest as Markdown: a wiki page, a pull request, a chat that understands it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from analyzer.digest.formats.overview import COLUMNS, one_line, overview, signed_usd, source_note
from analyzer.digest.model import Digest, TopFinding
from analyzer.figures import count, usd, usd_range

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def render(digest: Digest) -> str:
    """The whole digest; one line for a week without applications."""
    if digest.silent:
        return _plain(digest.headline) + "\n"
    return "\n".join(_lines(digest)) + "\n"


def _lines(digest: Digest) -> Iterator[str]:
    yield f"# {_plain(digest.team)}, week {digest.week} ({digest.iso_week.days}){'' if digest.final else ', so far'}"
    yield ""
    yield _plain(digest.headline)
    yield ""
    yield _row(COLUMNS)
    yield "|---|---:|---:|---:|"
    yield from (_row(row) for row in overview(digest))
    if digest.findings:
        yield from ("", "## What to change", "")
        for place, finding in enumerate(digest.findings, 1):
            yield from _finding(place, finding)
        if digest.more_findings:
            yield f"… and {count(digest.more_findings, 'smaller finding')}: `sparkledger findings`"
    if digest.movers:
        yield from ("", "## Who moved", "", "| pipeline | cost | change | runs |", "|---|---:|---:|---:|")
        for mover in digest.movers:
            since = "new" if mover.before_usd is None else signed_usd(mover.change_usd)
            yield _row((_plain(mover.pipeline), usd(mover.cost_usd), since, f"{mover.runs:,}"))
    yield ""
    yield " ".join(filter(None, (digest.quality.note, source_note(digest))))


def _finding(place: int, finding: TopFinding) -> Iterator[str]:
    saving = usd_range(finding.saving_low_usd, finding.saving_high_usd)
    yield f"{place}. **{_plain(finding.pipeline)}: saves {saving}** ({finding.severity}, `{finding.rule_code}`)  "
    yield f"   {_plain(finding.title)}  "
    yield f"   Change: {_plain(finding.change)}  "
    if finding.conf:
        yield from ("", "   ```", *(one_line(f"   --conf {key}={value}") for key, value in finding.conf.items()), "   ```", "")
    yield f"   In {count(finding.runs, 'run')}; see {_code(f'sparkledger report {finding.app_id}')}"
    yield ""


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cells) + " |"


def _plain(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", " ".join(one_line(text).split()))


def _code(text: str) -> str:
    """Code in a line: between more backticks than it holds in a row, for within fewer it would end early."""
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{text}{fence}" if len(fence) == 1 else f"{fence} {text} {fence}"
