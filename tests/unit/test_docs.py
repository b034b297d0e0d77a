"""The documentation points at things that exist."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from analyzer.rules.registry import all_rules

REPOSITORY = Path(__file__).resolve().parents[2]
PAGES = sorted([REPOSITORY / "README.md", REPOSITORY / "CHANGELOG.md", *(REPOSITORY / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_relative_links_resolve(page: Path) -> None:
    missing = [target for target in LINK.findall(page.read_text()) if not (page.parent / target).exists()]
    assert missing == []


def test_the_readme_names_every_rule() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    ranges = {
        f"{letters}{number:03}"
        for letters, first, last in re.findall(r"([A-Z0-9]{3})(\d{3}) to \1(\d{3})", readme)
        for number in range(int(first), int(last) + 1)
    }
    named = ranges | set(re.findall(r"\b[A-Z][A-Z0-9]{2}\d{3}\b", readme))
    assert {rule.code for rule in all_rules()} <= named


def test_every_page_is_reachable_from_the_readme() -> None:
    readme = (REPOSITORY / "README.md").read_text()
    linked = {(REPOSITORY / target).resolve() for target in LINK.findall(readme)}
    assert set((REPOSITORY / "docs").rglob("*.md")) <= linked
