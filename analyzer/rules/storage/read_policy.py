"""How S3A was told to read, and what a stage reads: both decide what its streams should do."""

from __future__ import annotations

import re

from analyzer.rules.base import Application, Row

POLICY_KEY = "spark.hadoop.fs.s3a.experimental.input.fadvise"
DEFAULT_POLICY = "normal"
CONNECTION_BYTES_PER_S = 85e6
"""What one connection carries (AWS, S3 performance guidelines)."""
_COLUMNAR = re.compile(r"\bscan (parquet|orc)\b", re.IGNORECASE)
_TEXT = re.compile(r"\bscan (csv|json|text|xml)\b", re.IGNORECASE)


def policy_of(application: Application) -> str:
    """`sequential`, `random` or `normal`, as S3A's setting says: first to last, ranges, or what the first seek asks for."""
    return application.conf.get(POLICY_KEY, DEFAULT_POLICY).strip().lower() or DEFAULT_POLICY


def reads_columns(stage: Row) -> bool:
    """Whether the stage scans Parquet or ORC, by the names of its operators."""
    return _COLUMNAR.search(stage["scopes"]) is not None


def reads_text(stage: Row) -> bool:
    """Whether it scans files that are read from start to end."""
    return _TEXT.search(stage["scopes"]) is not None and not reads_columns(stage)
