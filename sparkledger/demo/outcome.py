"""What the demonstration expected of each application, and what was found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rich.table import Table
from rich.text import Text

from sparkledger.demo.workloads import Workload

SEVERITY_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan", "info": "dim"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """One application as the API tells of it."""

    workload: Workload
    application: Mapping[str, Any]
    findings: Sequence[Mapping[str, Any]]

    @property
    def app_id(self) -> str:
        return str(self.application["app_id"])

    @property
    def above_info(self) -> list[Mapping[str, Any]]:
        return [finding for finding in self.findings if finding["severity"] != "info"]


def failures(outcomes: Sequence[Outcome]) -> list[str]:
    """In words, each application that was not flagged as it should be; empty when all is well."""
    problems = []
    for outcome in outcomes:
        codes = {str(finding["rule_code"]) for finding in outcome.above_info}
        expected = outcome.workload.expected_rule
        if expected is None and codes:
            problems.append(f"{outcome.workload.app_name} is healthy but was flagged: {', '.join(sorted(codes))}")
        elif expected is not None and expected not in codes:
            problems.append(f"{outcome.workload.app_name} was not flagged by {expected}")
    return problems


def findings_table(outcomes: Sequence[Outcome]) -> Table:
    """One row a finding above info, grouped by application; a clean application says so."""
    table = Table(title="Findings", title_justify="left", title_style="bold", expand=True, padding=(0, 1))
    table.add_column("application", no_wrap=True)
    table.add_column("severity", no_wrap=True)
    table.add_column("rule", no_wrap=True)
    table.add_column("what was found", ratio=1)
    table.add_column("recoverable", justify="right", no_wrap=True)
    for outcome in outcomes:
        rows = outcome.above_info
        if not rows:
            table.add_row(outcome.workload.app_name, "[green]clean[/]", "", "nothing to change", "", end_section=True)
        for position, finding in enumerate(rows):
            severity = str(finding["severity"])
            table.add_row(
                outcome.workload.app_name if position == 0 else "",
                f"[{SEVERITY_STYLE[severity]}]{severity}[/]",
                str(finding["rule_code"]),
                Text(str(finding["title"])),
                _recoverable(finding),
                end_section=position == len(rows) - 1,
            )
    return table


def _recoverable(finding: Mapping[str, Any]) -> str:
    saving = finding.get("saving")
    if not saving:
        return "-"
    low, high = (f"{saving[end]:,.0f}" for end in ("low_core_s", "high_core_s"))
    return f"{low if low == high else f'{low}-{high}'} core-s"
