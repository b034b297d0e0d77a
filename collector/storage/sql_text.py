"""Reading and splitting SQL files."""

from __future__ import annotations

import functools
import re
from pathlib import Path

# A quoted piece, a comment, or a semicolon; quotes escape by backslash or by doubling.
_TOKEN = re.compile(
    r"""'(?:[^'\\]|\\.|'')*' | "(?:[^"\\]|\\.|"")*" | `(?:[^`\\]|\\.|``)*` | --[^\n]* | /\*.*?\*/ | ;""",
    re.VERBOSE | re.DOTALL,
)


def load_sql(package_file: str, name: str) -> str:
    """Text of the SQL file `name` (with or without `.sql`) beside the module whose `__file__` is given."""
    path = Path(package_file).parent / (name if name.endswith(".sql") else f"{name}.sql")
    return _read(path)


def split_statements(sql: str) -> list[str]:
    """Statements of a script, without their semicolons; semicolons in quotes and comments do not count.

    Comments before a statement stay with it; a piece of comments alone is left out.
    """
    statements, start = [], 0
    for match in _TOKEN.finditer(sql):
        if match.group() == ";":
            statements.append(sql[start : match.start()])
            start = match.end()
    statements.append(sql[start:])
    return [statement.strip() for statement in statements if _has_code(statement)]


def _has_code(statement: str) -> bool:
    return bool(_TOKEN.sub(lambda match: "" if match.group().startswith(("--", "/*")) else match.group(), statement).strip())


@functools.cache
def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")
