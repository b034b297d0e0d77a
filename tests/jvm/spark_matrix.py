"""Runs the suite of tests/jvm/test_any_spark.py on every supported Spark with one jar, and writes down what came of it.

`python -m tests.jvm.spark_matrix [--check] [VERSION…]`: `--check` tests only; without it results go to bench/results/compatibility.json
and to the table of docs/reference/compatibility.md, where versions that were not asked for keep theirs. Releases that are not installed are
kept below `$SPARKLEDGER_SPARK_CACHE` (by default `~/.cache/sparkledger/spark`). Status 1 where a version failed.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ET
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from listener.build import build
from tests.jvm.linkcheck.check import check
from tests.jvm.spark_releases import release

VERSIONS = ("3.3.4", "3.4.4", "3.5.9", "4.0.5", "4.1.4", "4.2.1", "4.3.0")
REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "bench" / "results" / "compatibility.json"
PAGE = REPOSITORY / "docs" / "reference" / "compatibility.md"
BEGIN, END = "<!-- compatibility -->\n", "<!-- /compatibility -->"
HEAD = "| Spark | Scala | Hadoop | references that resolve | tests passed | failed |\n|---|---|---|---|---|---|\n"


def tested(version: str, jar: Path) -> dict[str, Any]:
    """What one Spark makes of the jar."""
    home, python = release(version)
    links = check(jar, home / "jars")
    with tempfile.TemporaryDirectory(prefix="sparkledger-matrix-") as scratch:
        report = Path(scratch) / "report.xml"
        environ = {**os.environ, "SPARKLEDGER_TEST_SPARK_HOME": str(home), "SPARKLEDGER_TEST_PYTHON": python}
        environ["SPARKLEDGER_TEST_JAR"] = str(jar)
        suite = [sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}", "tests/jvm/test_any_spark.py"]
        subprocess.run(suite, cwd=REPOSITORY, env=environ, check=False, stdout=sys.stderr)
        counts = next(ET.parse(report).getroot().iter("testsuite")).attrib
    failed = int(counts["failures"]) + int(counts["errors"])
    return {
        "spark": version,
        "scala": _version_of(home / "jars", "scala-library"),
        "hadoop": _version_of(home / "jars", "hadoop-client-api"),
        "references": links.references,
        "unresolved": links.broken,
        "passed": int(counts["tests"]) - failed - int(counts["skipped"]),
        "failed": failed,
        "date": datetime.now(timezone.utc).strftime("%Y-%m-%d"),
    }


def _version_of(jars: Path, artifact: str) -> str:
    (jar,) = jars.glob(f"{artifact}-[0-9]*.jar")
    return jar.stem.removeprefix(f"{artifact}-")


def table(results: list[dict[str, Any]]) -> str:
    """The results as a table in Markdown."""
    rows = (
        f"| {r['spark']} | {r['scala']} | {r['hadoop']} | {r['references'] - len(r['unresolved'])} of {r['references']} "
        f"| {r['passed']} | {r['failed']} |\n"
        for r in results
    )
    return HEAD + "".join(rows)


def record(result: dict[str, Any]) -> None:
    """Keeps a result beside those of other versions, on disk and on the page."""
    known = {r["spark"]: r for r in json.loads(RESULTS.read_text())} if RESULTS.exists() else {}
    known[result["spark"]] = result
    results = [known[version] for version in sorted(known, key=lambda v: [int(part) for part in v.split(".")])]
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")
    page = PAGE.read_text()
    PAGE.write_text(re.sub(f"(?<={BEGIN}).*(?={END})", lambda _: table(results), page, flags=re.DOTALL))


def main(arguments: list[str]) -> int:
    """Tests the named versions, or all; writes the results down unless told to check only."""
    versions = [argument for argument in arguments if argument != "--check"]
    with tempfile.TemporaryDirectory(prefix="sparkledger-matrix-") as scratch:
        jar = build(Path(scratch) / "sparkledger-listener.jar")
        bad = []
        for version in versions or VERSIONS:
            result = tested(version, jar)
            if versions == arguments:
                record(result)
            print(json.dumps(result), flush=True)
            if result["failed"] or result["unresolved"] or not result["passed"]:
                bad.append(version)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
