"""`server.json` in the data directory: how the command line finds the server that runs on it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

FILE_NAME = "server.json"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server and its process."""

    url: str
    pid: int


def write_server_file(data_dir: Path, url: str) -> None:
    """Note that this process serves the data directory at `url`."""
    data_dir.mkdir(parents=True, exist_ok=True)
    temporary = data_dir / f".{FILE_NAME}.{os.getpid()}"
    temporary.write_text(json.dumps(asdict(RunningServer(url, os.getpid()))) + "\n")
    temporary.replace(data_dir / FILE_NAME)


def remove_server_file(data_dir: Path) -> None:
    """Take the note back, unless another process has written its own meanwhile."""
    running = read_server_file(data_dir)
    if running is not None and running.pid == os.getpid():
        (data_dir / FILE_NAME).unlink(missing_ok=True)


def read_server_file(data_dir: Path) -> RunningServer | None:
    """The server that runs on the data directory, or None; the note of a process that is gone does not count."""
    try:
        noted = json.loads((data_dir / FILE_NAME).read_text())
        running = RunningServer(url=str(noted["url"]), pid=int(noted["pid"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return running if _is_alive(running.pid) else None


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
