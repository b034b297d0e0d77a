"""Fixtures and flags that every test may use."""

from __future__ import annotations

import json
import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).resolve().parent.parent
EVENT_LOGS = REPOSITORY.parent / "shared" / "eventlogs"
# How fast a machine is says nothing of the code.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
_BEGAN_EPOCH_S: pytest.StashKey[float] = pytest.StashKey()


# What fails soonest and costs least comes first; drivers of Spark, which take a minute each on a slow machine, come last.
ORDER = ("unit", "rules", "integration", "jvm")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-goldens", action="store_true", help="rewrite golden files from what the code produces now; review the diff")
    parser.addoption(
        "--budget-min",
        type=float,
        default=0.0,
        help="minutes from the beginning, that of scripts/test where it called, after which tests are skipped, and said to be; 0: none",
    )


def pytest_configure(config: pytest.Config) -> None:
    # In the background of a shell an interruption is ignored, which every program that a test starts and interrupts would inherit.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    config.stash[_BEGAN_EPOCH_S] = float(os.environ.get("TESTS_BEGAN_EPOCH_S", time.time()))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_rank)


def pytest_runtest_setup(item: pytest.Item) -> None:
    budget_min = item.config.getoption("--budget-min")
    spent_min = (time.time() - item.config.stash[_BEGAN_EPOCH_S]) / 60
    if 0 < budget_min < spent_min:
        pytest.skip(f"NOT RUN: the budget of {budget_min:g} minutes is used up on this machine")


def _rank(item: pytest.Item) -> int:
    folder = item.path.relative_to(REPOSITORY / "tests").parts[0]
    return ORDER.index(folder) if folder in ORDER else len(ORDER)


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
