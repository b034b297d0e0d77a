"""Other processes that tests talk to: the collector itself, and the stand-in for a ClickHouse server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
SERVE = """
import sys
from sparkledger.server import serve
from sparkledger.settings import load_settings
serve(load_settings(data_dir=sys.argv[1], port=0), on_ready=lambda url: print(url, flush=True))
"""


class ServerProcess:
    """A real collector on a data directory. `SPARKLEDGER_…` settings go in as `environment`."""

    def __init__(self, data_dir: Path, environment: dict[str, str] | None = None) -> None:
        self.log_path = data_dir.with_suffix(".log")
        with self.log_path.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", SERVE, str(data_dir)],
                cwd=REPOSITORY,
                env={**clean_environment(), **(environment or {})},
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        self.url = self._first_line()

    def kill(self) -> None:
        """SIGKILL: no chance to clean up."""
        self.process.kill()
        self.wait()

    def stop(self) -> int:
        """SIGTERM, and wait; the exit code."""
        self.process.terminate()
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; the exit code."""
        assert self.process.stdout is not None
        self.process.stdout.close()
        return self.process.wait(timeout=600)

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline().strip()
        if not line:
            self.wait()
            raise AssertionError(f"the server did not start:\n{self.log_path.read_text()[-4000:]}")
        return line


@contextmanager
def running_server(data_dir: Path, environment: dict[str, str] | None = None) -> Iterator[ServerProcess]:
    """A collector that is ended with the block."""
    server = ServerProcess(data_dir, environment)
    try:
        yield server
    finally:
        if server.process.poll() is None:
            server.kill()


@contextmanager
def clickhouse_shim(directory: Path, port: int = 0) -> Iterator[int]:
    """The stand-in for a ClickHouse server; gives its port, a free one for 0."""
    directory.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.support.clickhouse_http_shim", str(directory), str(port)],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.stdout.close()
        process.kill()
        process.wait()


def clean_environment() -> dict[str, str]:
    """Ours, without settings that happen to be set here."""
    return {name: value for name, value in os.environ.items() if not name.startswith("SPARKLEDGER_")}
