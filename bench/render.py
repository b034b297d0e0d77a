"""Writes the tables of `docs/reference/performance.md` and `accuracy.md` from `bench/results`: `python -m bench.render [--check]`."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bench.accuracy_page import accuracy_section

ROOT = Path(__file__).resolve().parent.parent
PAGES = tuple(ROOT / "docs" / "reference" / name for name in ("performance.md", "accuracy.md"))
RESULTS = ROOT / "bench" / "results"
_SECTION = re.compile(r"(<!-- bench:([\w.]+) -->\n).*?(<!-- /bench -->)", re.DOTALL)


def main(argv: Sequence[str]) -> int:
    """Rewrite the pages; with `--check` only compare, and return 1 where one is not what the results say."""
    return max(_render(page, check="--check" in argv) for page in PAGES)


def _render(page: Path, *, check: bool) -> int:
    before = page.read_text()
    after = _SECTION.sub(lambda match: match[1] + _section(match[2]) + match[3], before)
    if check:
        if after != before:
            print(f"{page.relative_to(ROOT)} is not what bench/results says\n\nhint: run python -m bench.render", file=sys.stderr)
        return int(after != before)
    page.write_text(after)
    return 0


def _section(name: str) -> str:
    """A section of one record; `accuracy.PART` is a part of the record of the truth suite."""
    stem, _, part = name.partition(".")
    record = json.loads((RESULTS / f"{stem}.json").read_text())
    if part:
        return accuracy_section(record, part, _table)
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
