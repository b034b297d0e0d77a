"""Writes the tables of `docs/reference/performance.md` from `bench/results`: `python -m bench.render [--check]`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "performance.md"
RESULTS = ROOT / "bench" / "results"
_SECTION = re.compile(r"(<!-- bench:(\w+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def main(argv: Sequence[str]) -> int:
    """Rewrite the page; with `--check` only compare, and return 1 where it is not what the results say."""
    before = PAGE.read_text()
    after = _SECTION.sub(lambda match: match[1] + _section(match[2]) + match[3], before)
    if "--check" in argv:
        if after != before:
            print(f"{PAGE.relative_to(ROOT)} is not what bench/results says\n\nhint: run python -m bench.render", file=sys.stderr)
        return int(after != before)
    PAGE.write_text(after)
    return 0


def _section(name: str) -> str:
    record = json.loads((RESULTS / f"{name}.json").read_text())
    versions = ", ".join(f"{package} {version}" for package, version in record["versions"].items())
    figures = ", ".join(f"`{figure}` {_cell(value)}" for figure, value in record["figures"].items())
    lines = [
        f"`{record['command']}`, {record['date']}, on {record['machine']}; {versions}.",
        "",
        *_table(record["rows"]),
        "",
        f"Figures: {figures}.",
        "",
        f"{record['notes']}.",
        "",
    ]
    return "\n".join(lines)


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    body = [[_cell(row.get(column)) for column in columns] for row in rows]
    aligned = ["---" if any(isinstance(row.get(column), str) for row in rows) else "---:" for column in columns]
    header = [column.replace("_", " ") for column in columns]
    return [f"| {' | '.join(cells)} |" for cells in (header, aligned, *body)]


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list):
        return " to ".join(_cell(part) for part in value)
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:,.4g}"
    return str(value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
