"""Every rule explains itself, and has cases that show it firing and keeping silent."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType

import pytest

from analyzer.rules import registry
from analyzer.rules.base import Rule
from analyzer.rules.registry import RegisteredRule, RuleError, all_rules, collect, explain

HEADINGS = [
    "What it does",
    "Why it costs",
    "How it is measured",
    "Thresholds",
    "Example",
    "What to change",
    "When to ignore",
    "Sources",
]
CASES = Path(__file__).resolve().parent.parent / "rules"
RULES_DIRECTORY = Path(registry.__file__).parent

each_rule = pytest.mark.parametrize("found", all_rules(), ids=lambda found: found.code)


@each_rule
def test_headings_are_all_there_in_order(found: RegisteredRule) -> None:
    assert re.findall(r"^## (.+)$", found.documentation, re.MULTILINE) == HEADINGS
    assert all(part.strip() for part in re.split(r"^## .+$", found.documentation, flags=re.MULTILINE)[1:])


@each_rule
def test_sources_name_the_date_they_were_read(found: RegisteredRule) -> None:
    assert re.search(r"Read 20\d\d-\d\d", " ".join(found.documentation.split("## Sources")[1].split()))


@each_rule
def test_thresholds_have_unit_source_and_rationale(found: RegisteredRule) -> None:
    assert found.rule.thresholds
    assert all(t.unit and t.source and t.rationale for t in found.rule.thresholds)
    assert len({t.name for t in found.rule.thresholds}) == len(found.rule.thresholds)


@each_rule
def test_codes_have_three_letters_and_three_digits(found: RegisteredRule) -> None:
    assert re.fullmatch(r"[A-Z][A-Z0-9]{2}\d{3}", found.code)


@each_rule
def test_there_are_cases_that_fire_and_cases_that_are_silent(found: RegisteredRule) -> None:
    cases = CASES / Path(found.path).stem

    assert list(cases.glob("fires*.yaml"))
    assert list(cases.glob("silent*.yaml"))


@each_rule
def test_sql_names_its_parameters_and_result(found: RegisteredRule) -> None:
    comment = "\n".join(line for line in found.sql.splitlines() if line.startswith("--"))

    assert "Parameters:" in comment
    assert "Result:" in comment
    assert all(name in comment for name in set(re.findall(r"\{(\w+):", found.sql)))


@each_rule
def test_a_page_shows_every_threshold(found: RegisteredRule) -> None:
    page = explain(found.code.lower())

    assert page.startswith(f"# {found.code}: {found.title}\n")
    assert all(f"| `{t.name}` |" in page for t in found.rule.thresholds)
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == HEADINGS


def test_every_module_that_declares_a_rule_is_registered() -> None:
    declared = {str(path) for path in RULES_DIRECTORY.glob("*/*.py") if "RULE = Rule(" in path.read_text()}

    assert declared == {found.path for found in all_rules()}


def test_every_folder_of_cases_belongs_to_a_rule() -> None:
    folders = {path.name for path in CASES.iterdir() if list(path.glob("*.yaml"))}

    assert folders == {Path(found.path).stem for found in all_rules()}


def test_two_rules_of_one_code_are_refused_with_both_files(tmp_path: Path) -> None:
    modules = []
    for name in ("first", "second"):
        (tmp_path / f"{name}.sql").write_text("SELECT 1")
        module = ModuleType(name, "Title.\n")
        module.__file__ = str(tmp_path / f"{name}.py")
        module.RULE = Rule(code="SKW001", category="skew", thresholds=(), since="0.1")  # type: ignore[attr-defined]
        module.evaluate = lambda application, rows, thresholds: iter(())  # type: ignore[attr-defined]
        modules.append(module)

    with pytest.raises(RuleError, match=r"SKW001.*first\.py.*second\.py"):
        collect(modules)


def test_an_unknown_code_is_refused_with_the_known_ones() -> None:
    with pytest.raises(RuleError, match=r"XXX999.*FLT001"):
        explain("XXX999")
