"""Every renderer against its golden file, and the limits that hold for any digest."""

from __future__ import annotations

import html
import json
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from analyzer.digest.formats import RENDERERS
from analyzer.digest.formats.html import MAX_BYTES
from analyzer.digest.formats.text import WIDTH
from analyzer.digest.model import Digest
from tests.unit.digest.digests import FULL, SILENT

GOLDENS = Path(__file__).resolve().parents[2] / "golden" / "digest"
SUFFIX = {"text": "txt", "markdown": "md", "html": "html"}
DIGESTS = {"full": FULL, "silent": SILENT, "first_week": replace(FULL, previous=None, median_cost_usd=None, movers=(), final=False)}


@pytest.mark.parametrize("name", DIGESTS)
@pytest.mark.parametrize("kind", RENDERERS)
def test_a_digest_renders_as_its_golden_file(kind: str, name: str, update_goldens: bool) -> None:
    golden = GOLDENS / f"{name}.{SUFFIX[kind]}"
    rendered = RENDERERS[kind](DIGESTS[name])
    if update_goldens:
        golden.parent.mkdir(parents=True, exist_ok=True)
        golden.write_text(rendered, encoding="utf-8")
    assert rendered == golden.read_text(encoding="utf-8")


def test_text_fits_eighty_columns() -> None:
    too_wide = [line for line in RENDERERS["text"](FULL).splitlines() if len(line) > WIDTH and "sparkledger report" not in line]
    assert too_wide == []


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_silent_week_is_one_line(kind: str) -> None:
    assert RENDERERS[kind](SILENT).count("\n") == 1


def test_the_mail_stays_below_the_size_at_which_gmail_clips() -> None:
    longest = replace(FULL.findings[0], title="x" * 500, change="y" * 500, conf={f"spark.key{n}": "v" * 80 for n in range(10)})
    worst = replace(FULL, findings=(longest,) * 5, movers=FULL.movers[1:2] * 3)
    assert len(RENDERERS["html"](worst).encode()) < MAX_BYTES


def test_the_mail_is_well_formed_and_loads_nothing() -> None:
    page = RENDERERS["html"](FULL)
    checker = _Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.foreign == []
    assert "growth &amp; &lt;loyalty&gt;" in page
    assert "<key>" not in page


def test_markdown_escapes_what_names_may_hold() -> None:
    rendered = RENDERERS["markdown"](FULL)
    assert r"\<loyalty\>" in rendered
    assert r"\*one\* \<key\>" in rendered


@pytest.mark.parametrize("kind", ["text", "markdown"])
def test_a_name_moves_no_cursor_and_begins_no_line(kind: str) -> None:
    name = "orders\x1b[2J\x9b1A\n# all is well\r"
    finding = replace(FULL.findings[0], pipeline=name, title=name, change=name, conf={"spark.a": name})
    hostile = replace(FULL, team=name, headline=name, findings=(finding,), movers=(replace(FULL.movers[0], pipeline=name),))
    for digest in (hostile, replace(SILENT, headline=name)):
        rendered = RENDERERS[kind](digest)
        assert all(line.isprintable() for line in rendered.split("\n"))
        assert not any(line.startswith("# all") for line in rendered.split("\n"))


@pytest.mark.parametrize("app_id", ["a`<img/src=x/onerror=alert(1)>`", "`", "``<b>``"])
def test_an_id_does_not_leave_its_code(app_id: str) -> None:
    hostile = replace(FULL, findings=(replace(FULL.findings[0], app_id=app_id),))
    page = MarkdownIt("commonmark").render(RENDERERS["markdown"](hostile))
    assert html.escape(f"sparkledger report {app_id}", quote=False) in page
    assert "<img" not in page
    assert "<b>" not in page


@pytest.mark.parametrize("digest", [FULL, SILENT])
def test_a_kept_digest_reads_back_as_it_was(digest: Digest) -> None:
    assert Digest.from_dict(json.loads(json.dumps(digest.to_dict()))) == digest


class _Checker(HTMLParser):
    """Collects elements that are left open, and whatever a mail must not hold."""

    _EMPTY = frozenset({"meta", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.foreign: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in ("script", "img", "link", "svg", "iframe"):
            self.foreign.append(tag)
        self.foreign += [name for name, _ in attrs if name in ("src", "background")]
        if tag not in self._EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
