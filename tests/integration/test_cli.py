"""The command line as users run it: a process of its own, with a server on the data directory and without one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from collector.storage import open_store
from tests.support.processes import REPOSITORY, clean_environment
from tests.support.wire import application_end, application_start, lines

LOG = "apache__spark/spark-events/app-20200706201101-0003"
APP = "app-20200706201101-0003"
BROKEN_LOG = "NVIDIA__spark-rapids-tools/spark-events-profiling/malformed_json_eventlog.zstd"
OK, NO, USAGE, UNAVAILABLE = 0, 1, 2, 3

Done = subprocess.CompletedProcess[str]


def run(data: Path, *arguments: str, environment: dict[str, str] | None = None) -> Done:
    """Run one command."""
    command = [sys.executable, "-m", "sparkledger", "--data", str(data), *arguments]
    environ = {**clean_environment(), **(environment or {})}
    return subprocess.run(command, cwd=REPOSITORY, env=environ, capture_output=True, text=True, check=False, timeout=900)


@contextmanager
def server(data: Path) -> Iterator[None]:
    """`sparkledger up` on the data directory, until the block ends."""
    command = [sys.executable, "-m", "sparkledger", "--data", str(data), "up", "--port", "0"]
    with data.with_suffix(".log").open("wb") as log:
        process = subprocess.Popen(command, cwd=REPOSITORY, env=clean_environment(), stdout=log, stderr=log)
    try:
        while not (data / "server.json").exists():
            assert process.poll() is None, data.with_suffix(".log").read_text()
            time.sleep(0.1)
        yield
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=600) == OK, data.with_suffix(".log").read_text()
    assert not (data / "server.json").exists()


@pytest.fixture(scope="module", params=["with a server", "without a server"])
def data(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, event_logs: Path) -> Iterator[Path]:
    """A data directory that holds one application."""
    directory = tmp_path_factory.mktemp("cli") / "data"
    if request.param == "with a server":
        with server(directory):
            assert run(directory, "import", str(event_logs / LOG)).returncode == OK
            # From now on the server asks for a token; this machine's own commands have theirs.
            assert run(directory, "token", "create", "jobs", "--scope", "ingest").returncode == OK
            yield directory
    else:
        assert run(directory, "import", str(event_logs / LOG)).returncode == OK
        yield directory


def objects(done: Done) -> Any:
    assert done.returncode == OK, done.stderr
    return json.loads(done.stdout)


# What is printed is the same however the ledger is reached, and soonest there with a server.
with_a_server = pytest.mark.parametrize("data", ["with a server"], indirect=True)
READ_COMMANDS = (
    ("apps",),
    ("facts", APP),
    ("report", APP),
    ("findings",),
    ("findings", APP),
    ("explain", "PRV001"),
    ("explain",),
    ("digest", "--team", "terryk", "--week", "2020-W28"),
    ("doctor",),
    ("config",),
)


@pytest.mark.parametrize("command", READ_COMMANDS, ids=" ".join)
def test_every_read_command_prints_json_and_nothing_else_to_stdout(data: Path, command: tuple[str, ...]) -> None:
    assert objects(run(data, *command, "--json"))


@with_a_server
@pytest.mark.parametrize("command", READ_COMMANDS, ids=" ".join)
def test_piped_output_is_plain_text(data: Path, command: tuple[str, ...]) -> None:
    done = run(data, *command)
    assert done.returncode == OK, done.stderr
    assert "\x1b" not in done.stdout
    assert [line for line in done.stdout.splitlines() if line != line.rstrip()] == []


def test_facts_are_under_the_names_that_checkers_use(data: Path, expected_facts: dict[str, dict[str, Any]]) -> None:
    facts = objects(run(data, "facts", APP, "--json"))
    expected = expected_facts[LOG]
    names = ("tasks_succeeded", "jobs", "wall_ms", "longest_task", "totals_all_task_ends", "core_utilisation")
    assert {name: facts[name] for name in names} == {name: expected[name] for name in names}


def test_importing_again_changes_nothing(data: Path, event_logs: Path) -> None:
    before = objects(run(data, "facts", APP, "--json"))
    again = objects(run(data, "import", str(event_logs / LOG), "--json"))
    assert again["already_imported"] is True
    assert again["app_id"] == APP
    assert again["events"] == 124
    assert objects(run(data, "facts", APP, "--json")) == before
    assert len(objects(run(data, "apps", "--json"))["applications"]) == 1


def test_the_report_says_what_to_change(data: Path) -> None:
    report = run(data, "report", APP).stdout
    for part in ("PRV001", "price book", "--conf spark.dynamicAllocation.enabled=true", "rollback", "where the core time went"):
        assert part in report


def test_findings_can_fail_a_check(data: Path) -> None:
    assert run(data, "findings", "--fail-on", "medium").returncode == NO
    assert run(data, "findings", "--fail-on", "high").returncode == OK
    assert run(data, "findings", "--min-severity", "high", "--fail-on", "low").returncode == OK


def test_a_digest_is_written_to_a_file(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "mail.html"
    done = run(data, "digest", "--team", "terryk", "--week", "2020-W28", "--format", "html", "--out", str(out))
    assert done.returncode == OK, done.stderr
    assert done.stdout == ""
    assert out.read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("report", "app-20200706201101-000"), USAGE, APP),
        (("facts", APP, "--attempt", "7"), USAGE, "attempt"),
        (("explain", "XXX000"), USAGE, "sparkledger explain"),
        (("digest", "--team", "terryk", "--week", "2020-28"), USAGE, "2026-W47"),
        (("apps", "--limit", "0"), USAGE, "limit"),
        (("nonsense",), USAGE, "nonsense"),
        (("import", "/no/such/log"), USAGE, "/no/such/log"),
        (("apps", "--server", "http://127.0.0.1:9"), UNAVAILABLE, "no answer"),
    ],
)
@with_a_server
def test_failures_say_why_on_stderr_with_their_exit_code(data: Path, arguments: tuple[str, ...], code: int, says: str) -> None:
    done = run(data, *arguments)
    assert done.returncode == code, done.stderr
    assert says in done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr


def test_an_import_tells_of_bad_lines_and_of_what_is_no_log(tmp_path: Path, event_logs: Path) -> None:
    not_a_log = tmp_path / "notes.txt"
    not_a_log.write_text("nothing of Spark's\n")
    done = run(tmp_path / "data", "import", str(event_logs / BROKEN_LOG), str(not_a_log), "--json")
    assert done.returncode == NO
    log, skipped = (json.loads(line) for line in done.stdout.splitlines())
    assert (log["bad_lines"], log["events"], log["attempt"]) == (1, 476, "")
    assert set(log) >= {"path", "app_id", "attempt", "events", "bad_lines", "already_imported"}
    assert skipped["path"] == str(not_a_log)
    assert skipped["skipped"]


def test_an_empty_ledger_says_how_to_fill_it(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "apps")
    assert done.returncode == OK
    assert "sparkledger import" in done.stderr
    assert objects(run(tmp_path / "data", "apps", "--json"))["applications"] == []


def test_a_store_in_use_without_a_server_is_said_so(tmp_path: Path) -> None:
    with open_store(tmp_path / "data"):
        done = run(tmp_path / "data", "apps")
    assert done.returncode == UNAVAILABLE
    assert "in use" in done.stderr


def test_migrate_shows_its_sql_first_and_has_nothing_to_do_afterwards(tmp_path: Path) -> None:
    data = tmp_path / "data"
    dry = run(data, "migrate", "--dry-run")
    assert dry.returncode == OK, dry.stderr
    assert "CREATE TABLE IF NOT EXISTS tasks" in dry.stdout
    assert objects(run(data, "migrate", "--json"))["applied"] is True
    assert objects(run(data, "migrate", "--json"))["migrations"] == []


def test_a_wrong_setting_names_the_right_one(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "apps", environment={"SPARKLEDGER_PROT": "1"})
    assert done.returncode == USAGE
    assert "did you mean" in done.stderr


def test_a_wrong_threshold_stops_the_server_before_it_serves(tmp_path: Path) -> None:
    done = run(tmp_path / "data", "up", "--port", "0", environment={"SPARKLEDGER_RULES": '{"SKW001": {"nonsense": 1}}'})
    assert done.returncode == USAGE
    assert "nonsense" in done.stderr


def test_conf_names_the_server_that_runs_on_the_data_directory(data: Path) -> None:
    properties = objects(run(data, "conf", "--jar", "l.jar", "--json"))
    noted = data / "server.json"
    expected = json.loads(noted.read_text())["url"] if noted.exists() else "http://127.0.0.1:8428"
    assert properties["spark.sparkledger.url"] == expected


def test_secrets_are_masked_and_the_token_is_asked_for(tmp_path: Path) -> None:
    shown = run(tmp_path / "data", "config", environment={"SPARKLEDGER_TOKEN": "very-secret"})
    assert "very-secret" not in shown.stdout + shown.stderr
    assert os.fspath(tmp_path) in shown.stdout
    assert objects(run(tmp_path / "data", "apps", "--json", environment={"SPARKLEDGER_TOKEN": "very-secret"}))["applications"] == []


def test_names_are_printed_as_they_are(tmp_path: Path) -> None:
    name = "[red]orders[/] :smile:\x1b[31m\nnightly"
    log = tmp_path / "app-20260101000000-0001"
    log.write_bytes(lines({**application_start(log.name), "App Name": name}, application_end()))
    assert run(tmp_path / "data", "import", str(log)).returncode == OK
    listed = run(tmp_path / "data", "apps").stdout.splitlines()
    assert len(listed) == 2
    assert "[red]orders[/] :smile:[31m nightly" in listed[1]
    assert "[red]orders[/] :smile:" in run(tmp_path / "data", "report", log.name).stdout


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_name_that_can_be_no_application_is_refused(tmp_path: Path, name: str) -> None:
    done = run(tmp_path / "data", "report", name)
    assert done.returncode == USAGE
    assert "is no application id" in done.stderr


def test_data_directory_that_cannot_be_is_an_error_in_words(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = run(tmp_path / "file", "apps")
    assert done.returncode == UNAVAILABLE
    assert "Not a directory" in done.stderr
    assert "Traceback" not in done.stderr
