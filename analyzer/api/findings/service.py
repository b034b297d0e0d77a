"""Reading stored findings as answers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from analyzer.api.findings.schemas import Finding
from analyzer.api.money import saving_of
from collector.storage import Store, load_sql

_ENCODED = ("evidence", "change", "thresholds")


def findings_of(store: Store, app_id: str, attempt_id: str) -> list[Finding]:
    """Findings of one application attempt, most severe first, then by saving."""
    rows = store.rows(load_sql(__file__, "of_application"), {"app_id": app_id, "attempt_id": attempt_id})
    return [finding_of(row) for row in rows]


def finding_of(row: Mapping[str, Any]) -> Finding:
    """A row of findings as an answer."""
    copied = {name: row[name] for name in Finding.model_fields if name in row and name not in _ENCODED}
    decoded = {name: json.loads(row[name]) for name in _ENCODED}
    return Finding(**copied, **decoded, severity=row["severity_name"], saving=saving_of(row))
