"""Every command, option, endpoint and setting is in the reference."""

from __future__ import annotations

import re
from pathlib import Path

from fastapi import FastAPI
from typer.main import get_command

from analyzer.api import router as analyzer_router
from collector.api import router as collector_router
from sparkledger.cli.app import app as command_line
from sparkledger.settings import known_names

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference"


def test_every_command_and_option_is_documented() -> None:
    page = (REFERENCE / "cli.md").read_text()
    missing = []
    for name, command in get_command(command_line).commands.items():  # type: ignore[attr-defined]
        options = [option for parameter in command.params for option in parameter.opts if option.startswith("--") and option != "--help"]
        if f"| `{name}" not in page:
            missing.append(name)
        missing += [f"{name} {option}" for option in options if option not in page]
    assert missing == []


def test_every_endpoint_is_documented() -> None:
    page = (REFERENCE / "api.md").read_text()
    app = FastAPI()
    app.include_router(analyzer_router)
    app.include_router(collector_router)
    paths = app.openapi()["paths"]
    assert len(paths) > 10
    assert [path for path in sorted(paths) if f"{path}`" not in page] == []


def test_every_setting_is_documented() -> None:
    rows = [row for row in (REFERENCE / "settings.md").read_text().splitlines() if row.startswith("| `")]
    named = [name for row in rows for name in re.findall(r"`([a-z_.]+)`", row.split("|")[1])]
    sections = {name.partition(".")[0] for name in known_names() if "." in name}
    assert sorted(named) == sorted(set(known_names()) - sections)


def test_exit_codes_are_documented_as_they_are() -> None:
    page = (REFERENCE / "cli.md").read_text()
    assert re.findall(r"\*\*(\d)\*\*", page) == ["0", "1", "2", "3"]
