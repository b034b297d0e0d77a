"""`sparkledger import --watch` beside a running server: it follows a directory and stops when told to."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from sparkledger.demo.server_process import running_server
from tests.integration.test_import_logs import log

PATIENCE_S = 600


def until(found: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not found():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.2)


@pytest.mark.slow
def test_watching_follows_growth_and_renames_and_stops_cleanly(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    whole = log(tasks=4)
    with running_server(tmp_path / "data", 0, {}) as url:
        command = [sys.executable, "-m", "sparkledger", "--server", url, "import", "--watch", "--interval", "0.2", str(logs)]
        watching = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        try:

            def application() -> dict[str, Any]:
                answer = httpx.get(f"{url}/api/v1/applications/app-1", trust_env=False, timeout=600)
                return dict(answer.json()) if answer.is_success else {}

            growing = logs / "app-1.inprogress"
            growing.write_bytes(whole[: whole.index(b"\n", 300) + 1])
            until(lambda: bool(application()))
            with growing.open("ab") as file:
                file.write(whole[growing.stat().st_size :])
            growing.rename(logs / "app-1")
            until(lambda: application().get("ended") is True)
            watching.send_signal(signal.SIGINT)
            _, said = watching.communicate(timeout=PATIENCE_S)
        finally:
            watching.kill()
        assert watching.returncode == 0, said
        assert "Traceback" not in said
        assert "watching" in said
