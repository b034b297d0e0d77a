"""The digest as an HTML mail: one 600-px column of tables with inline styles, bars drawn as table cells, no image, no script."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from analyzer.digest.formats.overview import COLUMNS, overview, signed_usd, source_note
from analyzer.digest.model import Digest
from analyzer.figures import count, share, usd, usd_range

MAX_BYTES = 90_000
"""Gmail clips a message near 102 kB of HTML; this leaves room for the headers that a sender adds."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(usd=usd, share=share, signed_usd=signed_usd)
_TEMPLATES.globals.update(usd_range=usd_range, count=count)


def render(digest: Digest) -> str:
    """A whole HTML document."""
    widest_usd = max((mover.cost_usd for mover in digest.movers), default=0.0)
    return (
        _TEMPLATES.get_template("mail.html.j2").render(
            digest=digest,
            columns=COLUMNS,
            overview=overview(digest),
            source_note=source_note(digest),
            bar_percent=lambda amount_usd: max(1, round(100 * amount_usd / widest_usd)) if widest_usd > 0 else 1,
        )
        + "\n"
    )
