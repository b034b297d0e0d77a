"""What findings are worth: told once each, clipped to what was allocated, priced, and weighed by the money."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import TopologicalSorter
from types import MappingProxyType

from analyzer.cost.book import PriceBook
from analyzer.cost.price import Cost
from analyzer.rules.base import Application, Evidence, Finding, Rule, Saving, Severity
from analyzer.rules.claims import CATEGORY_ORDER, Claim, clip

# A share says nothing of a run that costs a cent. Below these savings a run a finding weighs no more than the step under it; a
# tenth of a cent or more, on each of a hundred runs a day, is what makes a year's saving worth an hour of someone's time.
SEVERITY_FLOORS_USD: Mapping[str, float] = MappingProxyType({"high": 0.5, "medium": 0.05, "low": 0.005})
# What has to be left of a claim for its finding to be worth telling, where the rule has nothing else to say.
LEAST_LEFT_SHARE = 0.1
# What a finding of a whole SQL execution has to save of what a vaguer one of a stage of it would, to be its explanation: small files of
# one table do not explain the wait for another.
LEAST_EXPLAINED_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class PricedFinding:
    """A finding as it is stored: its saving clipped, with the dollars that follow from it."""

    finding: Finding
    rule: Rule
    fingerprint: str
    occurrences: int
    """How many times the rule found this fault in the application; savings and core time are of all of them."""
    saving_low_usd: float | None
    saving_high_usd: float | None
    share: float
    """High saving as a share (0 to 1) of the application's cost."""


def price_findings(
    application: Application,
    cost: Cost,
    book: PriceBook,
    pipeline: str,
    rules: Mapping[str, Rule],
    findings: Iterable[Finding],
    severity_floors_usd: Mapping[str, float] = SEVERITY_FLOORS_USD,
) -> list[PricedFinding]:
    """Findings with their prices, the heaviest first.

    Args:
        rules: the rule of each code among the findings.
        pipeline: name of the pipeline, for fingerprints.
        severity_floors_usd: what a finding must be able to save, a run, to be called `high`, `medium` or `low`.
    """
    told = _in_order(_without_the_vaguer(findings, rules), rules)
    claims = [Claim(rules[f.rule_code].pool, f.saving, f.rule_code) if f.saving else None for f in told]
    savings = clip(application, claims)
    left = [
        replace(finding, saving=saving)
        for finding, saving in zip(told, savings, strict=True)
        if not (rules[finding.rule_code].silent_when_blamed and _blamed_already(finding, saving))
    ]
    priced = [
        _priced(application, cost, book, rules[finding.rule_code], finding, fingerprint, occurrences, severity_floors_usd)
        for finding, fingerprint, occurrences in _merged(left, pipeline)
    ]
    return sorted(priced, key=lambda p: (-p.finding.severity, -(p.saving_high_usd or 0.0), p.finding.rule_code, p.finding.subject))


def _without_the_vaguer(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """Findings without those that another one explains: of the same place, or, for a symptom, anywhere in the application.

    A finding that is dropped explains nothing itself.
    """
    kept = list(findings)
    for code in _explaining_first(rules):
        rule = rules[code]
        told = {f.rule_code for f in kept}
        exact = [f for f in kept if f.rule_code in rule.yields_to]
        kept = [
            f
            for f in kept
            if f.rule_code != code or not (told.intersection(rule.explained_by) or any(_of_the_same_place(f, other) for other in exact))
        ]
    return kept


def _of_the_same_place(finding: Finding, other: Finding) -> bool:
    """Whether both speak of one stage attempt, or of the application; of one SQL execution, where only one of them names a stage and the
    other saves enough to be what it waits for."""
    stages = [(f.stage_id, f.stage_attempt_id) for f in (finding, other)]
    if finding.sql_execution_id is None or None not in (finding.stage_id, other.stage_id):
        return stages[0] == stages[1]
    return finding.sql_execution_id == other.sql_execution_id and _worth(other) >= LEAST_EXPLAINED_SHARE * _worth(finding)


def _explaining_first(rules: Mapping[str, Rule]) -> list[str]:
    """Codes so that a rule comes after those it gives way to."""
    waits_for = {code: {c for c in (*rule.yields_to, *rule.explained_by) if c in rules} for code, rule in rules.items()}
    return list(TopologicalSorter(waits_for).static_order())


def _blamed_already(wanted: Finding, left: Saving | None) -> bool:
    """Whether other findings claimed nearly all core time that this one would free."""
    return (
        wanted.saving is not None
        and wanted.saving.high_core_s > 0
        and (left is None or left.high_core_s < LEAST_LEFT_SHARE * wanted.saving.high_core_s)
    )


def _in_order(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> list[Finding]:
    """The order in which core time is blamed: by category, then by code, then the largest saving first."""
    return sorted(
        findings,
        key=lambda f: (CATEGORY_ORDER.index(rules[f.rule_code].category), f.rule_code, -_worth(f), f.stage_id or 0, f.subject),
    )


def _worth(finding: Finding) -> float:
    return finding.saving.high_core_s if finding.saving else 0.0


def _merged(findings: Sequence[Finding], pipeline: str) -> list[tuple[Finding, str, int]]:
    """One finding a fingerprint: the one that is worth most, with the savings of all, and how many they are."""
    groups: dict[str, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(finding.fingerprint(pipeline), []).append(finding)
    return [(_sum(group), fingerprint, len(group)) for fingerprint, group in groups.items()]


def _sum(group: Sequence[Finding]) -> Finding:
    savings = [f.saving for f in group if f.saving]
    if len(group) == 1 or not savings:
        return max(group, key=lambda f: f.severity)
    total = Saving(
        sum(s.low_core_s for s in savings),
        sum(s.high_core_s for s in savings),
        savings[0].basis,
        sum(s.low_memory_gb_s for s in savings),
        sum(s.high_memory_gb_s for s in savings),
    )
    return replace(group[0], saving=total, severity=max(f.severity for f in group))


def _priced(
    application: Application,
    cost: Cost,
    book: PriceBook,
    rule: Rule,
    finding: Finding,
    fingerprint: str,
    occurrences: int,
    floors_usd: Mapping[str, float],
) -> PricedFinding:
    low = high = None
    if finding.saving is not None:
        low, high = _usd(application, cost, finding.saving)
    evidence = finding.evidence + tuple(
        Evidence("needless_requests_usd", round(float(e.value) * book.s3_get_usd, 6), "USD")
        for e in finding.evidence
        if e.name == "needless_requests"
    )
    at_stake = cost.usd if high is None else high
    severity = _capped(finding.severity, at_stake, floors_usd) if cost.usd > 0 else finding.severity
    share = min(1.0, high / cost.usd) if high and cost.usd > 0 else 0.0
    return PricedFinding(replace(finding, evidence=evidence, severity=severity), rule, fingerprint, occurrences, low, high, share)


def _usd(application: Application, cost: Cost, saving: Saving) -> tuple[float, float]:
    """A core-second costs its part of the application, memory included; memory alone costs its part of the memory."""
    allocated_core_s, memory_gb_s = application.allocated_core_ms / 1000, application.allocated_memory_gb_s
    a_core_s = cost.usd / allocated_core_s if allocated_core_s > 0 else 0.0
    a_gb_s = cost.memory_usd / memory_gb_s if memory_gb_s > 0 else 0.0
    return (
        saving.low_core_s * a_core_s + saving.low_memory_gb_s * a_gb_s,
        saving.high_core_s * a_core_s + saving.high_memory_gb_s * a_gb_s,
    )


def _capped(severity: Severity, at_stake_usd: float, floors_usd: Mapping[str, float]) -> Severity:
    """The severity, lowered to the heaviest step whose money floor is met."""
    steps = (Severity.HIGH, Severity.MEDIUM, Severity.LOW)
    allowed = next((step for step in steps if at_stake_usd >= floors_usd.get(str(step), 0.0)), Severity.INFO)
    return min(severity, allowed)
