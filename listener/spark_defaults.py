"""Finds and reads the spark-defaults.conf that a spark-submit would read. A `--conf` replaces its entries, so they have to be known."""

from __future__ import annotations

import importlib.util
import re
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path

from listener.errors import SubmitError

FILE_NAME = "spark-defaults.conf"
PACKAGED = Path("/etc/spark/conf")
"""Where distributions, EMR's among them, keep Spark's configuration; their programs on PATH set `SPARK_CONF_DIR` to it."""

_KEY = re.compile(r"(?:\\.|[^\\=:\s])*")
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)")
_ESCAPED = {"n": "\n", "r": "\r", "t": "\t", "f": "\f"}


def defaults_file(program: str, environ: Mapping[str, str]) -> Path | None:
    """The spark-defaults.conf that `program` would read, None where there is none.

    Source: bin/spark-submit, bin/find-spark-home and Utils.getDefaultPropertiesFile of Spark 3.3 to 4.3.
    """
    if environ.get("SPARK_CONF_DIR"):
        folders = [Path(environ["SPARK_CONF_DIR"])]
    elif environ.get("SPARK_HOME"):
        folders = [Path(environ["SPARK_HOME"]) / "conf"]
    else:
        folders = list(_folders_beside(program, environ))
    return next((folder / FILE_NAME for folder in folders if (folder / FILE_NAME).is_file()), None)


def read_properties(path: Path) -> dict[str, str]:
    """A Java properties file: a key, then `=`, `:` or blanks, then the value; values are trimmed as Spark does.

    Raises:
        SubmitError: it cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SubmitError(f"cannot read the properties file `{path}`: {error}", "name a readable file with --properties-file") from error
    properties: dict[str, str] = {}
    for entry in _logical_lines(text):
        key = _KEY.match(entry)
        end = key.end() if key else 0
        value = entry[end:].lstrip(" \t\f")
        value = value[1:] if value[:1] in ("=", ":") else value
        properties[_unescaped(entry[:end])] = _unescaped(value).strip()
    return properties


def _folders_beside(program: str, environ: Mapping[str, str]) -> Iterator[Path]:
    found = shutil.which(program, path=environ.get("PATH"))
    if found is not None:
        for place in (Path(found), Path(found).resolve()):
            yield place.parent.parent / "conf"
    package = importlib.util.find_spec("pyspark")
    if found is not None and package is not None and package.origin is not None and (Path(found).parent / "find_spark_home.py").exists():
        yield Path(package.origin).parent / "conf"
    yield PACKAGED


def _logical_lines(text: str) -> Iterator[str]:
    """Lines that hold an entry, without leading blanks; one that ends with an odd number of backslashes goes on in the next."""
    pending = ""
    for line in text.split("\n"):  # reading made them one kind; Python's own `splitlines` ends lines where Java does not
        entry = line.lstrip(" \t\f")
        if not pending and (not entry or entry[0] in "#!"):
            continue
        pending += entry
        if (len(pending) - len(pending.rstrip("\\"))) % 2:
            pending = pending[:-1]
            continue
        yield pending
        pending = ""
    if pending:
        yield pending


def _unescaped(text: str) -> str:
    def plain(found: re.Match[str]) -> str:
        escape = found[1]
        return chr(int(escape[1:], 16)) if len(escape) == 5 else _ESCAPED.get(escape, escape)

    return _ESCAPE.sub(plain, text)
