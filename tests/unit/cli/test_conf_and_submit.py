"""`conf` and `submit` where nothing but the standard library is installed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
LIGHT = """
import sys
sys.path.insert(0, sys.argv.pop(1))
class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"typer", "click", "rich", "httpx", "fastapi", "pydantic", "pyarrow", "structlog"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Absent())
from sparkledger.__main__ import main
main()
"""


def light(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command line without any dependency in sight."""
    command = [sys.executable, "-I", "-c", LIGHT, str(REPOSITORY), *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)


def test_conf_prints_arguments_for_a_shell() -> None:
    done = light("conf", "--url", "http://collector:8428", "--jar", "s3://b/l.jar", "--team", "growth & co")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "--jars s3://b/l.jar \\",
        "--conf spark.extraListeners=io.sparkledger.SparkledgerListener \\",
        "--conf spark.sparkledger.url=http://collector:8428 \\",
        "--conf 'spark.sparkledger.team=growth & co'",
    ]


def test_conf_keeps_the_listeners_that_a_job_has() -> None:
    done = light("conf", "--jar", "l.jar", "--conf", "spark.extraListeners=com.example.Own", "--json")
    assert json.loads(done.stdout)["spark.extraListeners"] == "com.example.Own,io.sparkledger.SparkledgerListener"


def test_submit_adds_the_flags_and_leaves_the_rest() -> None:
    done = light("submit", "--url", "http://c:1", "--jar", "l.jar", "--print", "--", "spark-submit", "--master", "yarn", "job.py", "--json")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("spark-submit --conf spark.extraListeners=io.sparkledger.SparkledgerListener")
    assert done.stdout.endswith("--master yarn job.py --json\n")


def test_submit_becomes_the_command_and_ends_as_it_does(tmp_path: Path) -> None:
    program = tmp_path / "spark-submit"
    program.write_text('#!/bin/sh\necho "$@"\nexit 7\n')
    program.chmod(0o755)
    done = light("submit", "--jar", "l.jar", "--", str(program), "job.py", "one argument")
    assert done.returncode == 7
    assert done.stdout.endswith("job.py one argument\n")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["apps"], 3, "pip install 'sparkledger[embedded]'"),
        ([], 3, "pip install 'sparkledger[embedded]'"),
        (["conf", "--nonsense"], 2, "--nonsense"),
        (["conf", "--jar", "l.jar", "--conf", "nothing"], 2, "--conf KEY=VALUE"),
        (["submit", "--jar", "l.jar"], 2, "-- spark-submit"),
        (["submit", "--jar", "l.jar", "--", "/no/such/spark-submit", "job.py"], 3, "cannot run"),
    ],
)
def test_what_cannot_be_done_says_what_to_do(arguments: list[str], code: int, says: str) -> None:
    done = light(*arguments)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
