"""One fault is told once: which findings are silent beside which, and what is left of their savings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cost.book import PriceBook, load_price_book
from analyzer.cost.price import Cost
from analyzer.rules.base import Application, Change, ExecutorLife, Finding, Saving, Severity
from analyzer.rules.pricing import PricedFinding, price_findings
from analyzer.rules.registry import all_rules

RULES = {found.code: found.rule for found in all_rules()}
PLACES = ((None, None), (1, None), (1, 7), (2, 7), (None, 7), (None, 8))
"""Stage and SQL execution that a finding names."""
# 10 cores over 1000 s, 4000 of 10,000 core-seconds busy.
APPLICATION = Application(
    "a", "", "n", "3.5.3", 1_000_000, True, 10_000_000, 4_000_000, {}, executors=(ExecutorLife("1", 10, 0, 1_000_000),)
)
COST = Cost(0.7, 0.3, 0.9, 1.1)


@cache
def book() -> PriceBook:
    return load_price_book()


def finding(code: str, saving: Saving | None = None, stage: int | None = None, execution: int | None = None, subject: str = "") -> Finding:
    return Finding(
        code, subject or f"{stage} {execution}", Severity.LOW, "t", (), saving, Change("c"), stage, None if stage is None else 0, execution
    )


def told(*findings: Finding) -> list[PricedFinding]:
    return price_findings(APPLICATION, COST, book(), "pipeline", RULES, findings)


def codes(*findings: Finding) -> set[str]:
    return {p.finding.rule_code for p in told(*findings)}


def idle(low: float, high: float, *spans: tuple[float, float]) -> Saving:
    return Saving(low, high, "", spans=spans)


STAGE_PAIRS = [(code, other) for code, rule in RULES.items() for other in rule.yields_to if RULES[other].query != "file_scans"]


@pytest.mark.parametrize(("code", "other"), STAGE_PAIRS)
def test_the_vaguer_finding_of_a_stage_is_silent_beside_the_more_exact_one(code: str, other: str) -> None:
    assert codes(finding(code, stage=1), finding(other, stage=1)) == {other}
    assert codes(finding(code, stage=1), finding(other, stage=2)) == {code, other}


@pytest.mark.parametrize(("code", "other"), [(code, other) for code, rule in RULES.items() for other in rule.explained_by])
def test_a_symptom_is_silent_where_its_cause_is_told_of_the_application(code: str, other: str) -> None:
    assert codes(finding(code, stage=1), finding(other, stage=2)) == {other}
    assert codes(finding(code, stage=1)) == {code}


def test_reading_that_waits_is_silent_where_small_files_explain_it() -> None:
    waits = finding("S3R004", stage=3, execution=7)

    assert codes(waits, finding("S3R001", execution=7)) == {"S3R001"}
    assert codes(waits, finding("S3R001", execution=8)) == {"S3R001", "S3R004"}
    assert codes(replace(waits, sql_execution_id=None), finding("S3R001", execution=7)) == {"S3R001", "S3R004"}


def test_small_files_of_a_side_table_do_not_silence_the_wait_for_a_large_one() -> None:
    waits = finding("S3R004", Saving(0, 3000, "", executions=(7,)), stage=3, execution=7)

    assert codes(waits, finding("S3R001", Saving(5, 15, "", executions=(7,)), execution=7)) == {"S3R001", "S3R004"}
    assert codes(waits, finding("S3R001", Saving(100, 300, "", executions=(7,)), execution=7)) == {"S3R001"}


def test_memory_is_not_asked_for_where_skew_explains_the_spill() -> None:
    assert codes(finding("MEM003", stage=1), finding("SKW001", stage=1)) == {"SKW001"}
    # What is dropped explains nothing: one sign of it may be told again, since skew speaks of one stage only.
    assert codes(finding("MEM003", stage=1), finding("SKW001", stage=1), finding("MEM002")) == {"SKW001", "MEM002"}


def test_large_partitions_are_not_told_of_a_stage_whose_skew_is_told() -> None:
    assert codes(finding("SKW001", stage=1), finding("SKW002", stage=1), finding("PAR002", stage=1), finding("PAR001", stage=1)) == {
        "SKW001"
    }
    assert codes(finding("PAR002", stage=1), finding("MEM001", stage=1)) == {"PAR002"}


def test_idle_time_that_skew_claims_is_not_claimed_for_released_executors() -> None:
    skew, idle_all = told(finding("SKW001", idle(1000, 1500, (0, 500_000)), stage=1), finding("PRV001", idle(2000, 4000)))
    savings = {p.finding.rule_code: p.finding.saving for p in (skew, idle_all)}

    assert savings["SKW001"] == idle(1000, 1500, (0, 500_000))
    assert savings["PRV001"] == Saving(1000, 2500, "")


def test_idle_executors_are_silent_where_skew_claims_nearly_all_of_it() -> None:
    assert codes(finding("SKW001", idle(3000, 3800, (0, 500_000)), stage=1), finding("PRV001", idle(2000, 4000))) == {"SKW001"}


def test_a_wait_for_the_driver_that_released_executors_would_save_is_told_without_a_claim() -> None:
    both = told(finding("PRV001", idle(3000, 4000)), finding("DRV001", idle(0, 2500, (600_000, 900_000))))
    savings = {p.finding.rule_code: p.finding.saving for p in both}

    assert savings["PRV001"] == idle(3000, 4000)
    assert savings["DRV001"] is not None
    assert savings["DRV001"].high_core_s == 0


def test_stages_that_run_side_by_side_do_not_claim_the_same_idle_cores() -> None:
    first = finding("SKW001", idle(500, 900, (0, 100_000)), stage=1)
    beside = finding("PAR001", idle(450, 950, (0, 100_000)), stage=2)
    later = finding("PAR001", idle(450, 950, (100_000, 200_000)), stage=3)
    savings = {p.finding.stage_id: p.finding.saving for p in told(first, beside, later)}

    assert savings[1] is not None
    assert savings[2] is not None
    assert savings[3] is not None
    assert (savings[1].low_core_s, savings[1].high_core_s) == (500, 900)
    assert (savings[2].low_core_s, savings[2].high_core_s) == (0, 50)
    assert (savings[3].low_core_s, savings[3].high_core_s) == (450, 950)


def test_stages_of_one_name_are_one_finding_that_counts_shared_idle_time_once() -> None:
    (one,) = told(
        finding("SKW001", idle(500, 900, (0, 100_000)), stage=1, subject="join"),
        finding("SKW001", idle(450, 900, (0, 100_000)), stage=2, subject="join"),
        finding("SKW001", idle(100, 200, (300_000, 400_000)), stage=3, subject="join"),
    )

    assert one.occurrences == 3
    assert one.finding.saving is not None
    assert (one.finding.saving.low_core_s, one.finding.saving.high_core_s) == (600, 1100)


def test_two_views_of_one_reading_execution_claim_its_time_once() -> None:
    again = finding("S3R006", Saving(0, 1000, "", executions=(7, 8)), execution=7, subject="b")
    small = finding("S3R001", Saving(200, 600, "", executions=(7,)), execution=7, subject="b")
    elsewhere = finding("S3R001", Saving(100, 300, "", executions=(9,)), execution=9, subject="c")
    savings = {(p.finding.rule_code, p.finding.subject): p.finding.saving for p in told(again, small, elsewhere)}

    assert savings[("S3R001", "b")] == small.saving
    assert savings[("S3R001", "c")] == elsewhere.saving
    assert savings[("S3R006", "b")] == Saving(0, 400, "", executions=(7, 8))


_AMOUNT = st.floats(0, 12_000)
_SPAN = st.tuples(st.integers(0, 10), st.integers(1, 5)).map(lambda s: (s[0] * 100_000.0, min(1_000_000.0, (s[0] + s[1]) * 100_000.0)))


@st.composite
def any_findings(draw: st.DrawFn) -> list[Finding]:
    """Findings of all rules, whatever they claim and wherever."""
    made = []
    for _ in range(draw(st.integers(0, 10))):
        stage, execution = draw(st.sampled_from(PLACES))
        low, high = sorted((draw(_AMOUNT), draw(_AMOUNT)))
        code = draw(st.sampled_from(sorted(RULES)))
        spans = tuple(draw(st.lists(_SPAN, max_size=2)))
        saving = draw(st.sampled_from([None, Saving(low, high, "", spans=spans, executions=() if execution is None else (execution,))]))
        made.append(finding(code, saving, stage, execution, draw(st.sampled_from("xyz"))))
    return made


@given(findings=any_findings(), price=st.floats(0, 1e4))
@settings(max_examples=300, deadline=None)
def test_findings_never_claim_more_than_the_whole(findings: Sequence[Finding], price: float) -> None:
    cost = Cost(price * 0.7, price * 0.3, price * 0.9, price * 1.1)
    priced = price_findings(APPLICATION, cost, book(), "pipeline", RULES, findings)
    by_pool = {pool: [p.finding.saving for p in priced if p.rule.pool == pool and p.finding.saving] for pool in ("idle", "busy", "none")}

    assert sum(s.high_core_s for s in by_pool["idle"]) <= 6000 + 1e-6
    assert sum(s.high_core_s for s in by_pool["busy"]) <= 4000 + 1e-6
    assert sum(s.high_core_s for s in by_pool["none"]) == 0
    assert all(0 <= s.low_core_s <= s.high_core_s for pool in by_pool.values() for s in pool)
    assert sum(p.saving_high_usd or 0 for p in priced) <= price * (1 + 1e-9) + 1e-9
    assert all((p.saving_low_usd or 0) <= (p.saving_high_usd or 0) for p in priced)
    assert len({p.fingerprint for p in priced}) == len(priced)


@given(findings=any_findings())
@settings(max_examples=300, deadline=None)
def test_no_finding_is_told_beside_one_that_explains_it(findings: Sequence[Finding]) -> None:
    priced = told(*findings)
    codes_told = {p.finding.rule_code for p in priced}
    stages = {(p.finding.rule_code, p.finding.stage_id) for p in priced if p.occurrences == 1}

    for p in priced:
        assert not codes_told.intersection(p.rule.explained_by)
        if p.occurrences == 1 and p.finding.stage_id is not None:
            assert not any((other, p.finding.stage_id) in stages for other in p.rule.yields_to)
