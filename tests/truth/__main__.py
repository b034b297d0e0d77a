"""Runs labelled Spark applications and says how right the analyzer is about them.

`python -m tests.truth [--part NAME | --only LABEL… | --quick] [--judge] [--record] [--spark VERSION] [--beside VERSION…]`. Runs that are
kept from before are not repeated. `--judge` starts no Spark and judges what is kept; `--record` writes bench/results/accuracy.json, of all
labels that have a run; `--beside` judges what is kept of other Sparks, too. Status 1 where a rule was wrong or an application did not run.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import NoReturn

from rich.console import Console
from rich.table import Table

from tests.jvm.spark_releases import release
from tests.truth.counts import count_rows, median_error
from tests.truth.drivers import JAVA_OPTIONS, DriverDied, run_labels
from tests.truth.judging import Judgement, Unjudged, judging
from tests.truth.kept_runs import KeptRuns
from tests.truth.labels import Label, load_labels
from tests.truth.record import record_of, write
from tests.truth.savings import saving_rows
from tests.truth.scores import figures, rule_rows


def main(argv: Sequence[str]) -> int:
    """Run what is not kept, judge, print, record."""
    options = _options(argv)
    signal.signal(signal.SIGTERM, _interrupt)
    labels = load_labels()
    chosen = sorted((label for label in labels if _is_chosen(label, options)), key=lambda label: _place(label, options))
    if not chosen:
        print("no label is called so\n\nhint: see tests/truth/labels for parts and names", file=sys.stderr)
        return 2
    kept = KeptRuns(options.spark, options.cache)
    judgements, unjudged = _judged(labels if options.record else chosen, chosen, kept, options)
    ran = {j.run.label.name for j in judgements}
    for version in options.beside:
        judgements += _judged(labels if options.record else chosen, [], KeptRuns(version, options.cache), options)[0]
    show(judgements)
    for label in chosen:
        if label.name not in ran:
            reason = unjudged.get(label.name) or kept.failure(label)
            print(f"not judged: {label.name}  {reason.strip().splitlines()[-1][:200] if reason else 'it was not run'}", file=sys.stderr)
    if options.record:
        command = " ".join(["python -m tests.truth --record", *(["--beside", *options.beside] if options.beside else [])])
        write(record_of(labels, judgements, command))
    return int(not ran >= {label.name for label in chosen} or not all(j.right for j in judgements))


def _judged(
    of: Sequence[Label], chosen: Sequence[Label], kept: KeptRuns, options: argparse.Namespace
) -> tuple[list[Judgement], dict[str, str]]:
    """Judges what is kept, then each run as it ends; after an interruption, what there is. Beside it what kept a run from being judged."""
    judgements: dict[str, Judgement] = {}
    unjudged: dict[str, str] = {}
    with judging() as judge:

        def take(label: Label) -> None:
            run = kept.of(label)
            if run is not None:
                try:
                    judgements[label.name] = judge(run)
                except Unjudged as reason:
                    unjudged[label.name] = str(reason)

        try:
            for label in of:
                take(label)
            missing = [label for label in chosen if kept.of(label) is None]
            if missing and not options.judge:
                for label in run_labels(release(options.spark), missing, kept, options.java_options):
                    take(label)
        except DriverDied as reason:
            print(reason, file=sys.stderr)
        except KeyboardInterrupt:
            print("interrupted: what has ended is judged", file=sys.stderr)
    return [judgements[label.name] for label in of if label.name in judgements], unjudged


def show(judgements: Sequence[Judgement]) -> None:
    """Prints the runs that the analyzer is wrong about, the rules, the savings and the what-if's errors."""
    console = Console(width=None if sys.stdout.isatty() else 140)
    wrong = [j for j in judgements if not j.right]
    for judgement in wrong:
        console.print(f"[bold]{judgement.run.label.name}[/bold] on Spark {judgement.run.spark}: {judgement.run.label.why}", highlight=False)
        console.print(f"  missed {list(judgement.missed)}, false {list(judgement.false)}", highlight=False)
        for priced in judgement.findings:
            console.print(f"  {priced.finding.rule_code} {priced.finding.subject}: {priced.finding.title}", highlight=False)
    rules = [row for row in rule_rows(judgements) if row["labelled"] or row["tempted"] or row["false"]]
    counts = count_rows(judgements)
    for title, rows in (("Rules", rules), ("Savings", saving_rows(judgements)), ("Executor counts", counts)):
        if rows:
            console.print(_table(title, rows))
    console.print({**figures(rules), "whatif_median_error": median_error(counts)})
    console.print(f"{len(judgements)} runs judged, {len(judgements) - len(wrong)} all right", highlight=False)


def _table(title: str, rows: Sequence[dict[str, object]]) -> Table:
    table = Table(*(name.replace("_", " ") for name in rows[0]), title=title)
    for row in rows:
        table.add_row(*("" if value is None else str(value) for value in row.values()))
    return table


def _is_chosen(label: Label, options: argparse.Namespace) -> bool:
    if options.quick and not label.quick:
        return False
    return (not options.only or label.name in options.only) and (options.part is None or options.part in label.part)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """A suite that is ended by a time-out judges what it has, as after Ctrl+C."""
    raise KeyboardInterrupt


def _place(label: Label, options: argparse.Namespace) -> int:
    """Labels that were named run in the order in which they were."""
    return list(options.only).index(label.name) if options.only else 0


def _options(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.truth", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--part", help="a file of labels, or part of its name, such as `skew`")
    parser.add_argument("--only", nargs="+", default=(), metavar="LABEL", help="these labels")
    parser.add_argument("--quick", action="store_true", help="the few that every change is held against")
    parser.add_argument("--judge", action="store_true", help="start no Spark: judge the runs that are kept")
    parser.add_argument("--record", action="store_true", help="write bench/results/accuracy.json")
    parser.add_argument(
        "--spark", default=importlib.metadata.version("pyspark"), metavar="VERSION", help="a Spark release; the installed one"
    )
    parser.add_argument("--beside", nargs="+", default=(), metavar="VERSION", help="Sparks whose kept runs are judged, too")
    parser.add_argument("--cache", type=Path, help="where runs are kept; ~/.cache/sparkledger/truth")
    parser.add_argument("--java-options", default=JAVA_OPTIONS, help="of driver and executors")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
