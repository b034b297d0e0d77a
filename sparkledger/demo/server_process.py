"""A sparkledger server of the demonstration's own, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from sparkledger.demo.errors import DemoError

START_TIMEOUT_S = 600.0
STOP_TIMEOUT_S = 120.0


@contextmanager
def running_server(data: Path, port: int, settings: Mapping[str, object]) -> Iterator[str]:
    """URL of a server over `data` that runs until the block ends; its log is `data/server.log`.

    Args:
        data: the data directory, made where it is missing.
        port: 0 takes a free one.
        settings: by name, as values that JSON can hold.
    """
    data.mkdir(parents=True, exist_ok=True)
    log_path = data / "server.log"
    environment = os.environ | {f"SPARKLEDGER_{name.upper()}": json.dumps(value) for name, value in settings.items()}
    with log_path.open("wb") as log:
        command = [sys.executable, "-m", "sparkledger", "--data", str(data), "up", "--port", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, env=environment)
        try:
            yield _wait_until_ready(process, data, log_path)
        finally:
            process.terminate()
            try:
                process.wait(STOP_TIMEOUT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, log_path: Path) -> str:
    deadline = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        url = _announced_url(data / "server.json")
        if url and _is_ready(url):
            return url
        time.sleep(0.2)
    tail = "\n".join(log_path.read_text(errors="replace").splitlines()[-5:])
    raise DemoError(f"the server did not become ready:\n{tail}", f"see {log_path}")


def _announced_url(path: Path) -> str | None:
    try:
        return str(json.loads(path.read_text())["url"])
    except (OSError, ValueError, KeyError):
        return None


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", timeout=START_TIMEOUT_S).status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False
