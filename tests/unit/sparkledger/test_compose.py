"""`docker-compose.yml` says only what sparkledger and ClickHouse understand. Running it needs a Docker engine; this does not."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sparkledger.settings import load_settings

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def services() -> dict[str, Any]:
    text = (ROOT / "docker-compose.yml").read_text()
    plain = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", text)
    found: dict[str, Any] = yaml.safe_load(plain)["services"]
    return found


def test_its_settings_are_settings(services: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("SPARKLEDGER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    for name, value in services["sparkledger"]["environment"].items():
        monkeypatch.setenv(name, value or "")
    settings = load_settings()
    clickhouse = services["clickhouse"]["environment"]
    user, password, database = (clickhouse[f"CLICKHOUSE_{part}"] for part in ("USER", "PASSWORD", "DB"))
    assert settings.effective_store_url == f"clickhouse://{user}:{password}@clickhouse:8123/{database}"
    assert settings.token is None
    assert not settings.is_embedded


def test_images_are_pinned_and_services_watched(services: dict[str, Any]) -> None:
    assert re.fullmatch(r"clickhouse/clickhouse-server:\d+\.\d+(\.\d+)*", services["clickhouse"]["image"])
    assert all("healthcheck" in service and service["restart"] == "unless-stopped" for service in services.values())


def test_the_stop_is_given_longer_than_the_server_takes(services: dict[str, Any]) -> None:
    grace_s = int(services["sparkledger"]["stop_grace_period"].removesuffix("s"))
    assert grace_s > load_settings().stop_timeout_s


def test_the_dockerfile_is_where_compose_looks_for_it(services: dict[str, Any]) -> None:
    build = services["sparkledger"]["build"]
    assert (ROOT / build["context"] / build["dockerfile"]).is_file()
