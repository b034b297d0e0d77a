"""Runs every case beside this module through decoder, store and analysis."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from analyzer.analysis import ApplicationAnalysis
from analyzer.pipeline import analyse
from analyzer.rules.registry import all_rules
from collector.eventlog import decode
from collector.storage import Store, open_store
from tests.rules.application_events import event_log

HERE = Path(__file__).parent
CASES = sorted(HERE.glob("*/*.yaml"))
CODES = {Path(rule.path).stem: rule.code for rule in all_rules()}


def case_name(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(str(tmp_path_factory.mktemp("rules"))) as opened:
        yield opened


def analysed(store: Store, path: Path) -> tuple[dict[str, Any], ApplicationAnalysis]:
    case = yaml.safe_load(path.read_text())
    app_id = f"application_{zlib.crc32(case_name(path).encode())}_0001"
    for table, rows in decode(event_log(case, app_id), None).tables.items():
        store.insert(table, rows)
    return case, analyse(store, app_id, "")


@pytest.mark.parametrize("path", [p for p in CASES if p.stem.startswith("fires")], ids=case_name)
def test_rule_fires(path: Path, store: Store) -> None:
    case, analysis = analysed(store, path)
    found = [p for p in analysis.findings if p.finding.rule_code == CODES[path.parent.name]]

    assert len(found) == 1, f"{case['about']}: found {[p.finding.title for p in analysis.findings]}"
    check(found[0].finding, case["expect"])
    check_invariants(analysis)


@pytest.mark.parametrize("path", [p for p in CASES if p.stem.startswith("silent")], ids=case_name)
def test_rule_is_silent(path: Path, store: Store) -> None:
    case, analysis = analysed(store, path)
    titles = [p.finding.title for p in analysis.findings if p.finding.rule_code == CODES[path.parent.name]]

    assert titles == [], case["about"]
    check_invariants(analysis)


def test_a_healthy_application_has_no_finding_at_all(store: Store) -> None:
    _, analysis = analysed(store, HERE / "healthy.yaml")

    assert [p.finding.title for p in analysis.findings] == []
    check_invariants(analysis)


def check(finding: Any, expected: dict[str, Any]) -> None:
    assert str(finding.severity) == expected["severity"]
    assert finding.causes == tuple(expected.get("causes", finding.causes))
    for name, value in expected.get("evidence", {}).items():
        assert {e.name: e.value for e in finding.evidence}.get(name) == value
    if "conf" in expected:
        assert dict(finding.change.conf) == expected["conf"]
    for what in ("core_s", "memory_gb_s"):
        if f"saving_{what}" in expected:
            least, most = expected[f"saving_{what}"]
            assert least <= getattr(finding.saving, f"low_{what}") <= getattr(finding.saving, f"high_{what}") <= most
    if not any(key.startswith("saving_") for key in expected):
        assert finding.saving is None


def check_invariants(analysis: ApplicationAnalysis) -> None:
    """What holds for every analysis: no rule failed, and nothing is saved beyond what was paid for."""
    application, cost = analysis.profile.application, analysis.profile.cost
    savings = [p.finding.saving for p in analysis.findings if p.finding.saving]
    assert analysis.rule_errors == {}
    assert all(0 <= s.low_core_s <= s.high_core_s and 0 <= s.low_memory_gb_s <= s.high_memory_gb_s for s in savings)
    assert sum(s.high_core_s for s in savings) <= application.allocated_core_ms / 1000 + 1e-6
    assert sum(p.saving_high_usd or 0 for p in analysis.findings) <= cost.usd + 1e-9
