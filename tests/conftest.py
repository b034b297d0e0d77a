"""Fixtures and flags that every test may use."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
EVENT_LOGS = REPOSITORY.parent / "shared" / "eventlogs"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite golden files from what the code produces now; review the diff")


@pytest.fixture
def update_goldens(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be rewritten instead of compared."""
    return bool(request.config.getoption("--update-goldens"))


@pytest.fixture(scope="session")
def event_logs() -> Path:
    """The folder of real event logs with `expected_facts.json`; skips where it is absent."""
    if not (EVENT_LOGS / "expected_facts.json").is_file():
        pytest.skip(f"no event logs at {EVENT_LOGS}: they are not part of the repository")
    return EVENT_LOGS


@pytest.fixture(scope="session")
def expected_facts(event_logs: Path) -> dict[str, dict[str, Any]]:
    """Facts of each real event log by its path in the folder, computed independently of this project."""
    entries = json.loads((event_logs / "expected_facts.json").read_text())
    return {name: entry["facts"] for name, entry in entries.items()}
