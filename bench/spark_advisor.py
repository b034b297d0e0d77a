"""spark-advisor's parser of event logs (pstysz/spark-advisor, Apache-2.0), in an environment of its own: it asks for Python 3.12."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.commands import Command, PeerUnavailable, reason
from bench.peer_listeners import CACHE
from bench.python_packages import install

VERSION = "0.1.21"
HOW = "`parse_event_log` alone, without rules or report; one process, it has no options; keeps sums and quantiles of stages"

_MINORS = (12, 13, 14)
_PINNED = {
    f"spark-advisor-parser=={VERSION}": "dc6dce96d777e3b8136c66d6f0ba5d5ade587cede0594c4fb75b88600933f591",
    f"spark-advisor-models=={VERSION}": "dbaabc161e4bb5614abcf1c4582a0bb935444dee9be042a2b6092e82177780bc",
}
_OTHERS = (
    "annotated-types==0.8.0",
    "cramjam==2.14.0",
    "lz4==4.4.5",
    "orjson==3.13.0",
    "pydantic==2.14.4",
    "pydantic-core==2.50.5",
    "python-snappy==0.7.3",
    "typing-extensions==4.16.0",
    "typing-inspection==0.4.5",
    "zstandard==0.25.0",
)
"""What the parser imports; its packages ask for the clients of a message bus, a database and traces besides."""
_PROGRAM = """
import sys
from pathlib import Path
from spark_advisor_parser.parser import parse_event_log
print(sum(stage.tasks.task_count for stage in parse_event_log(Path(sys.argv[1])).stages))
"""


def spark_advisor() -> Command:
    """The parser in a new interpreter.

    Raises:
        PeerUnavailable: no Python that it runs with, or no package.
    """
    return Command(partial(_argv, _environment() / "bin" / "python"), _task_ends)


def _argv(python: Path, log: Path, _out: Path) -> list[str]:
    return [str(python), "-c", _PROGRAM, str(log)]


def _task_ends(printed: str, _out: Path) -> int:
    return int(printed)


def _environment() -> Path:
    kept = CACHE / f"spark-advisor-{VERSION}"
    ready = kept / "ready"
    if ready.is_file():
        return kept
    shutil.rmtree(kept, ignore_errors=True)
    done = subprocess.run([_python(), "-m", "venv", str(kept)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailable(f"no environment for it: {reason(done.stderr)}")
    install(kept / "bin" / "python", _PINNED, _OTHERS)
    ready.touch()
    return kept


def _python() -> str:
    """A Python that starts, which one of pyenv's names on the path need not."""
    for python in _pythons():
        if subprocess.run([python, "-c", ""], capture_output=True, check=False).returncode == 0:
            return python
    raise PeerUnavailable("it asks for Python 3.12 or later, and there is none")


def _pythons() -> Iterator[str]:
    if sys.version_info[1] in _MINORS:
        yield sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for minor in _MINORS:
        if found := shutil.which(f"python3.{minor}"):
            yield found
        yield from map(str, pyenv.glob(f"versions/3.{minor}.*/bin/python3.{minor}"))
