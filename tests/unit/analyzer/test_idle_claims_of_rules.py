"""What rules over stage attempts claim of idle cores, on generated runs: never more than was idle then, and each moment once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from analyzer.cost.book import load_price_book
from analyzer.cost.price import Cost
from analyzer.rules.base import Application, ExecutorLife, Finding
from analyzer.rules.pricing import price_findings
from analyzer.rules.registry import all_rules
from analyzer.rules.windows import busy_ms, shared, union, without

RULES = {found.code: found.rule for found in all_rules()}
OVER_STAGES = [found for found in all_rules() if found.rule.query == "stage_attempts" and found.rule.pool == "idle"]
BOOK = load_price_book()
END_MS = 1_000_000


@dataclass(frozen=True)
class Run:
    """A run of executors that live to the end, and its stage attempts."""

    application: Application
    stages: list[dict[str, Any]]

    def idle_core_s(self, spans: tuple[tuple[float, float], ...]) -> float:
        """Core-seconds without a task in the spans, whose tasks keep as many cores busy from a stage's start to its end."""
        alive = sum(self.application.cores_alive_ms(*span) for span in union(spans))
        return (alive - sum(busy_ms(self.stages, *span) for span in union(spans))) / 1000


@st.composite
def runs(draw: st.DrawFn) -> Run:
    cores = draw(st.integers(1, 40))
    count = draw(st.integers(1, 5))
    stages = []
    for number in range(count):
        start, length = draw(st.integers(0, 9)), draw(st.integers(1, 5))
        window_ms = (min(10, start + length) - start) * END_MS // 10
        tasks = draw(st.integers(1, 30))
        # Stages that overlap share the cores, so that no moment has more tasks than cores.
        duration_ms = int(window_ms * cores * draw(st.floats(0, 1)) / count)
        stages.append(
            {
                "stage_id": number,
                "stage_attempt_id": draw(st.integers(0, 1)),
                "stage_name": draw(st.sampled_from(["read", "join"])),
                "tasks": tasks,
                "task_ends": tasks,
                "first_launch_ms": start * END_MS // 10,
                "last_finish_ms": start * END_MS // 10 + window_ms,
                "duration_ms": duration_ms,
                "run_ms": duration_ms,
                "gc_ms": 0,
                "p50_ms": duration_ms // tasks,
                "p50_input_bytes": 0,
                "p50_shuffle_bytes": 0,
                "input_bytes": 0,
                "shuffle_read_bytes": draw(st.sampled_from([0, 1 << 30])),
                "sql_execution_id": draw(st.integers(-1, 1)),
            }
        )
    return Run(
        Application(
            "a",
            "",
            "n",
            "3.1.2",
            END_MS,
            True,
            cores * END_MS,
            sum(s["duration_ms"] for s in stages),
            {},
            cores_per_executor=cores,
            executors=(ExecutorLife("1", cores, 0, END_MS),),
            alone=tuple(without(0, END_MS, [(s["first_launch_ms"], s["last_finish_ms"]) for s in stages])),
        ),
        stages,
    )


def findings(run: Run) -> list[Finding]:
    """What the rules find with no least size of a fault."""
    found = []
    for rule in OVER_STAGES:
        smallest = {t.name: 1e-9 for t in rule.rule.thresholds if t.name.startswith("min_") and t.unit != "{task}"}
        found += list(rule.evaluate(run.application, run.stages, rule.thresholds(smallest)))
    return found


@given(runs())
@settings(max_examples=300, deadline=None)
def test_a_rule_claims_no_more_than_was_idle_at_that_time(run: Run) -> None:
    for finding in findings(run):
        if finding.saving:
            assert 0 <= finding.saving.low_core_s <= finding.saving.high_core_s
            assert finding.saving.high_core_s <= run.idle_core_s(finding.saving.spans or ((0, END_MS),)) + 0.01


@given(runs())
@settings(max_examples=300, deadline=None)
def test_findings_together_claim_no_idle_moment_twice(run: Run) -> None:
    priced = price_findings(run.application, Cost(0.7, 0.3, 1, 1), BOOK, "p", RULES, findings(run))
    savings = [p.finding.saving for p in priced if p.finding.saving and p.occurrences == 1]

    for size in range(1, len(savings) + 1):
        for chosen in combinations(savings, size):
            spans = tuple(span for saving in chosen for span in saving.spans or ((0, END_MS),))
            assert sum(s.high_core_s for s in chosen) <= run.idle_core_s(spans) + 0.01
    everything = [p.finding.saving.high_core_s for p in priced if p.finding.saving]
    assert sum(everything) <= run.application.idle_core_ms / 1000 + 0.01


_MOMENTS = st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=5)


@given(_MOMENTS, _MOMENTS)
def test_spans_share_and_leave_what_sets_of_moments_do(some: list[tuple[int, int]], others: list[tuple[int, int]]) -> None:
    def moments(spans: Any) -> set[int]:
        return {moment for start, end in spans for moment in range(int(start), int(end))}

    common, left = shared(some, others), without(0, 20, some)

    assert moments(common) == moments(some) & moments(others)
    assert moments(left) == set(range(20)) - moments(some)
    assert all(a[1] < b[0] for spans in (common, left) for a, b in pairwise(spans))
