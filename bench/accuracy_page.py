"""The sections of `docs/reference/accuracy.md`, from the record that `python -m tests.truth --record` writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

Record = Mapping[str, Any]


def accuracy_section(record: Record, part: str, table: Callable[[Sequence[Mapping[str, Any]]], list[str]]) -> str:
    """One section; `table` writes rows as Markdown."""
    if part == "summary":
        return "\n".join([*_summary(record), ""])
    rows = _runs(record) if part == "runs" else list(record[{"rules": "rows"}.get(part, part)])
    if part == "rules":
        rows = [row for row in rows if row["labelled"] or row["tempted"] or row["false"]]
    return "\n".join([*(table(rows) if rows else ["None has been run."]), ""])


def _summary(record: Record) -> list[str]:
    if not record["ran"]:
        return [f"None of the {record['labels']} labelled applications has been run and recorded; `scripts/test-truth` does that."]
    runs = " and ".join(f"{count} on Spark {version}" for version, count in record["runs_by_spark"].items())
    of = f"{record['ran']} of {record['labels']} labelled applications were run, {runs}"
    lines = [f"{of}: {record['date']}, on {record['machine']}. Recorded by `{record['command']}`."]
    if record["not_run"]:
        lines += ["", *_not_run(record["not_run"])]
    figures = record["figures"]
    lines += ["", *_figures(figures)]
    labelled = [row["rule"] for row in record["rows"] if row["labelled"]]
    if len(labelled) < len(record["rows"]):
        told = f"{len(labelled)} of {len(record['rows'])}"
        lines += ["", f"Recall is told of {told} rules: no application that ran has the fault of another one."]
    return lines


def _not_run(labels: Sequence[str]) -> list[str]:
    """Folded: the names are many while few were run."""
    names = ", ".join(f"`{name}`" for name in labels)
    reason = "did not run, or ran on a machine too slow to show what they are for; they count nowhere"
    return ["<details>", f"<summary>{len(labels)} {reason}</summary>", "", f"{names}.", "", "</details>"]


def _figures(figures: Mapping[str, float | None]) -> list[str]:
    words = {
        "precision": "findings that are true, of all that were made and are judged",
        "recall": "findings that had to be made and were",
        "precision_min": "the least precision of a rule",
        "recall_min": "the least recall of a rule",
        "whatif_median_error": "median error of predicted wall time, without sign",
    }
    known = [(name, figures[name]) for name in words]
    return [
        "| figure | value | |",
        "| --- | ---: | --- |",
        *(f"| `{name}` | {'not measured' if value is None else f'{value:.3f}'} | {words[name]} |" for name, value in known),
    ]


def _runs(record: Record) -> list[dict[str, Any]]:
    return [
        {
            "application": run["label"],
            "spark": run["spark"],
            "on": f"`{run['master']}`",
            "why": run["why"],
            "must_fire": ", ".join(run["must"]) or "nothing",
            "fired": ", ".join(run["fired"]) or "nothing",
            "wrong": "; ".join(filter(None, (_list("missed", run["missed"]), _list("false", run["false"])))),
        }
        for run in record["runs"]
    ]


def _list(word: str, codes: Sequence[str]) -> str:
    return f"{word} {', '.join(codes)}" if codes else ""
