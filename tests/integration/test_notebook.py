"""A PySpark session that runs already is attached, runs a query and is seen on the API."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sparkledger.demo.server_process import running_server
from tests.support.processes import REPOSITORY, clean_environment

CELLS = Path(__file__).parent / "jobs" / "notebook.py"


@pytest.mark.spark
def test_a_session_that_is_attached_in_a_notebook_is_seen_on_the_api(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with running_server(data, 0, {}) as url:
        # The server is found by the note in its data directory, as on a laptop.
        environment = {
            **clean_environment(),
            "SPARKLEDGER_DATA_DIR": str(data),
            "PYTHONPATH": str(REPOSITORY),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }
        command = [sys.executable, "-W", "ignore", str(CELLS), url]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=1700, check=False)
    assert done.returncode == 0, done.stderr[-4000:]
    assert done.stdout.splitlines() == ["attached", "10", "notebook True 8", "detached"]
