"""Holds what the product finds in a run's event log against its label."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from analyzer.pipeline import analyse
from analyzer.profiles.application import Header, read_executors
from analyzer.rules.pricing import PricedFinding
from analyzer.timeline.history import History
from analyzer.timeline.reading import history_of
from collector.importing import StoreCatalog, import_paths
from collector.storage import Store, open_store
from collector.storage.writer import Writer
from tests.truth.kept_runs import KeptRun


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was found of one run, and how it compares."""

    run: KeptRun
    findings: Sequence[PricedFinding]
    found: Sequence[str]
    """Rules that had to fire and did, of every subject that the label names."""
    missed: Sequence[str]
    false: Sequence[str]
    """Rules that fired though the label neither asks for them nor allows them; of another subject than those it names, too."""
    allocated_core_s: float
    busy_core_s: float
    wall_s: float
    header: Header
    history: History

    @property
    def right(self) -> bool:
        return not self.missed and not self.false


@contextmanager
def judging() -> Iterator[Callable[[KeptRun], Judgement]]:
    """Imports runs into a store of their own, and judges each. The store is made for the first of them."""
    with ExitStack() as open_now:
        store: Store | None = None
        writer: Writer | None = None

        def of(run: KeptRun) -> Judgement:
            nonlocal store, writer
            if store is None or writer is None:
                folder = open_now.enter_context(TemporaryDirectory(prefix="sparkledger-truth-"))
                store = open_now.enter_context(open_store(Path(folder) / "store"))
                writer = Writer(store)
                open_now.callback(writer.close)
            import_paths([run.log], writer, StoreCatalog(store), processes=1)
            return judge(store, run)

        yield of


class Unjudged(Exception):
    """Nothing can be said of a run: a rule failed on it, or its log is not whole."""


def judge(store: Store, run: KeptRun) -> Judgement:
    """Analyses one imported run; Unjudged where a rule failed or the log is not whole."""
    label = run.label
    attempts = [
        row["attempt_id"]
        for row in store.rows("SELECT DISTINCT attempt_id FROM applications WHERE app_id = {app:String}", {"app": run.app_id})
    ]
    analysis = analyse(store, run.app_id, attempts[0], thresholds=label.thresholds)
    if analysis.rule_errors or not analysis.profile.header.ended:
        raise Unjudged(f"{analysis.rule_errors or 'the log has no end'}")
    subjects: dict[str, set[str]] = {}
    for priced in analysis.findings:
        subjects.setdefault(priced.finding.rule_code, set()).add(priced.finding.subject)
    found = [code for code, wanted in label.must.items() if code in subjects and set(wanted) <= subjects[code]]
    false = [code for code, spoken in subjects.items() if code not in label.allowed and not _asked_for(label.must.get(code), spoken)]
    application, header = analysis.profile.application, analysis.profile.header
    return Judgement(
        run=run,
        findings=analysis.findings,
        found=found,
        missed=[code for code in label.must if code not in found],
        false=sorted(false),
        allocated_core_s=application.allocated_core_ms / 1000,
        busy_core_s=application.busy_core_ms / 1000,
        wall_s=application.wall_ms / 1000,
        header=header,
        history=history_of(store, header, read_executors(store, header)),
    )


def _asked_for(wanted: Sequence[str] | None, spoken: set[str]) -> bool:
    return wanted is not None and (not wanted or spoken <= set(wanted))
