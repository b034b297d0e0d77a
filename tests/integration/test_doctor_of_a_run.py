"""`sparkledger doctor --app`: gaps, drops and a wrong clock on the screen, each with what to do, and as an exit code."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from analyzer.api.ledger import Ledger
from collector.storage import open_store
from sparkledger.cli.app import app
from sparkledger.cli.shared import in_front
from tests.integration.test_unfinished_business import receive
from tests.support.rows import MIDNIGHT_MS
from tests.support.wire import application_end, application_start, lines, task_ends

MIDNIGHT = datetime.fromtimestamp(MIDNIGHT_MS / 1000, timezone.utc)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of whose batches some never came, sent by a clock that is ahead, and one that came whole and late."""
    directory = tmp_path_factory.mktemp("doctor")
    with open_store(directory) as store:
        ledger, early, late = Ledger(store), MIDNIGHT - timedelta(seconds=30), MIDNIGHT + timedelta(minutes=10)
        receive(ledger, "app-gaps", lines(application_start("app-gaps"), task_ends(3)), 1, early)
        receive(ledger, "app-gaps", lines(application_end()), 4, early, dropped=7)
        receive(ledger, "app-late", lines(application_start("app-late"), application_end()), 1, late)
    return directory


def doctor(data: Path, *arguments: str) -> Any:
    return CliRunner().invoke(app, in_front(["doctor", "--data", str(data), "--no-color", *arguments]), env={"COLUMNS": "100"})


def test_what_is_missing_is_told_and_explained(data: Path) -> None:
    result = doctor(data, "--app", "app-gaps")
    told = " ".join(result.output.split())

    assert result.exit_code == 1
    for words in (
        "2 batches never came: numbers 2 to 3",
        "import the event log to fill them in at once",
        "the sender gave up 7 events",
        "give the driver a larger spool",
        "the driver's clock is at least",
        "let both hosts keep time by NTP",
        "every sum of this run is a lower bound",
    ):
        assert words in told


def test_a_late_run_is_whole_and_says_why_it_was_late(data: Path) -> None:
    result = doctor(data, "--app", "app-late")
    told = " ".join(result.output.split())

    assert result.exit_code == 0
    assert "every event came at least" in told
    assert "everything waited in the listener's spool" in told
    assert "nothing is missing" in told


def test_the_same_as_json(data: Path) -> None:
    result = doctor(data, "--app", "app-gaps", "--json")

    assert result.exit_code == 1
    assert [remark["code"] for remark in json.loads(result.stdout)["remarks"]] == [
        "executors_unseen",
        "dropped_events",
        "missing_batches",
        "clock_ahead",
    ]
