"""Runs that are kept outside the repository, so that a suite that was cut goes on where it stopped."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.truth.labels import Label
from tests.truth.shapes import out_of_shape


@dataclass(frozen=True, slots=True)
class KeptRun:
    """One application that ran to its end."""

    label: Label
    log: Path
    app_id: str
    spark: str
    date: str
    took_s: float


class KeptRuns:
    """The runs of one Spark release."""

    def __init__(self, spark: str, folder: Path | None = None) -> None:
        base = Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser()
        self.cache = folder or base / "sparkledger" / "truth"
        self.folder = self.cache / f"spark-{spark}"
        self.folder.mkdir(parents=True, exist_ok=True)

    def of(self, label: Label) -> KeptRun | None:
        """The run of a label as it is now; None where it did not run or end as it should, or its log does not show what the label says."""
        record, log = self._record(label), self.folder / label.name / "events"
        if not record or record["error"] or record["fingerprint"] != label.fingerprint or not log.is_file():
            return None
        if out_of_shape(log, label.shape):
            return None
        return KeptRun(label, log, record["app_id"], record["spark"], record["date"], record["took_s"])

    def failure(self, label: Label) -> str:
        """What a label's last run failed with, or how it was another than the label says; '' where it did not run or did not fail."""
        record, log = self._record(label), self.folder / label.name / "events"
        if not record or record["fingerprint"] != label.fingerprint:
            return ""
        return str(record["error"]) or (out_of_shape(log, label.shape) if log.is_file() else "there is no log")

    def _record(self, label: Label) -> dict[str, Any] | None:
        path = self.folder / label.name / "run.json"
        return json.loads(path.read_text()) if path.is_file() else None
