"""GET /rules and the page of one rule."""

from __future__ import annotations

import difflib

from fastapi import APIRouter

from analyzer.api.errors import NOT_FOUND, not_found
from analyzer.api.rules.schemas import RuleList, RulePage, RuleSummary, Threshold
from analyzer.rules.registry import RegisteredRule, all_rules, explain

router = APIRouter(prefix="/rules", tags=["rules"])


@router.get("", summary="List rules")
def list_rules() -> RuleList:
    """What is looked for, by code."""
    return RuleList(rules=[_summary(rule) for rule in all_rules()])


@router.get("/{code}", summary="Explain a rule", responses=NOT_FOUND)
def get_rule(code: str) -> RulePage:
    """What it measures, why that costs, its thresholds with their sources, what to change and when to ignore it."""
    by_code = {rule.code: rule for rule in all_rules()}
    found = by_code.get(code.upper())
    if found is None:
        near = difflib.get_close_matches(code.upper(), by_code, n=3, cutoff=0.0)
        raise not_found("rule_not_found", f"no rule `{code}`", f"nearest: {', '.join(near)}; list all: GET /api/v1/rules")
    thresholds = [Threshold(name=t.name, value=t.value, unit=t.unit, source=t.source, rationale=t.rationale) for t in found.rule.thresholds]
    return RulePage(**_summary(found).model_dump(), thresholds=thresholds, markdown=explain(found.code))


def _summary(found: RegisteredRule) -> RuleSummary:
    rule = found.rule
    return RuleSummary(code=rule.code, title=found.title, category=rule.category, status=rule.status, since=rule.since)
