"""The labels: what each application does, and which findings are true of it. They are data, in `labels/*.yaml`; see README.md."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from analyzer.rules.registry import all_rules

FOLDER = Path(__file__).parent / "labels"
_MASTER = re.compile(r"(local)\[(\d+)(?:,(\d+))?\]|(cluster)\[(\d+),(\d+)\]")
_RUN_KEYS = ("master", "conf", "tables", "latency_ms", "steps")
"""What decides how the application runs; the rest of a label judges it."""


class BadLabel(ValueError):
    """A label that cannot be used; the text names it."""


@dataclass(frozen=True, slots=True)
class Repair:
    """That this label is another one's application with the change made that a rule proposes."""

    of: str
    rule: str


@dataclass(frozen=True, slots=True)
class Label:
    """One application with what is true of it."""

    name: str
    part: str
    """The file it is in."""
    why: str
    """Why these findings are true, in words."""
    master: str
    """`local[SLOTS]`, `local[SLOTS,FAILURES]` or `cluster[EXECUTORS,CORES]`."""
    steps: Sequence[Mapping[str, Any]]
    must: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Rules that have to fire, each with the subjects that it has to speak of; none where the rule alone matters."""
    allowed: Sequence[str] = ()
    """Rules that may fire: true, but not what the application was made for. What is neither here nor in `must` is false."""
    tempts: Sequence[str] = ()
    """Rules that it is a look-alike for: they must stay silent."""
    conf: Mapping[str, str] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    latency_ms: Mapping[str, int] = field(default_factory=dict)
    thresholds: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    """Overrides by rule; such a label says why."""
    shape: Mapping[str, Any] = field(default_factory=dict)
    """What the log has to show for the label to be true; see `shapes.py`."""
    repairs: Repair | None = None
    family: str = ""
    """Labels of one family are one application on several executor counts."""
    quick: bool = False
    """Whether it is among the few that every change is held against."""

    @property
    def local(self) -> bool:
        return self.master.startswith("local")

    def run_spec(self) -> dict[str, Any]:
        """What a driver needs to run it."""
        return {"name": self.name, **{key: getattr(self, key) for key in _RUN_KEYS}}

    @property
    def fingerprint(self) -> str:
        """Changes with the application, not with what is said of it."""
        return hashlib.sha256(json.dumps(self.run_spec(), sort_keys=True).encode()).hexdigest()[:16]


def load_labels(folder: Path = FOLDER) -> list[Label]:
    """All labels in the order of their files; BadLabel where one is not whole or names what does not exist."""
    known = {found.code for found in all_rules()}
    labels: list[Label] = []
    for path in sorted(folder.glob("*.yaml")):
        labels += [_label(path.stem, given, known) for given in yaml.safe_load(path.read_text())]
    names = [label.name for label in labels]
    for label in labels:
        if names.count(label.name) > 1:
            raise BadLabel(f"{label.name}: there are two of that name")
        if label.repairs and label.repairs.of not in names:
            raise BadLabel(f"{label.name}: repairs `{label.repairs.of}`, which is no label")
    return labels


def _label(part: str, given: Mapping[str, Any], known: set[str]) -> Label:
    name = given.get("name", "without a name")
    if not given.get("why") or not given.get("steps") or not _MASTER.fullmatch(given.get("master", "")):
        raise BadLabel(f"{part}, {name}: `why`, `steps` and a `master` are needed")
    must = given.get("must", {})
    fields = {
        **given,
        "part": part,
        "must": {code: tuple(subjects or ()) for code, subjects in must.items()},
        "conf": {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in given.get("conf", {}).items()},
        "repairs": Repair(**given["repairs"]) if "repairs" in given else None,
    }
    unknown = set(fields) - set(Label.__slots__)
    codes = {*must, *given.get("allowed", ()), *given.get("tempts", ()), *given.get("thresholds", {})}
    codes |= {fields["repairs"].rule} if fields["repairs"] else set()
    if unknown or codes - known:
        raise BadLabel(f"{part}, {name}: unknown {sorted(unknown or codes - known)}")
    if set(must) & {*given.get("allowed", ()), *given.get("tempts", ())}:
        raise BadLabel(f"{part}, {name}: a rule that must fire is allowed or a look-alike as well")
    return Label(**fields)
