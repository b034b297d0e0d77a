"""Real ClickHouse servers in containers, where a Docker engine is at hand."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

IMAGES = ("clickhouse/clickhouse-server:25.8", "clickhouse/clickhouse-server:26.3")
"""The oldest long-term release that is promised to work, and a newer one."""


def require_docker() -> None:
    """Skip where no Docker engine answers."""
    if shutil.which("docker") is None or subprocess.run(["docker", "info"], capture_output=True, timeout=300).returncode:
        pytest.skip("no Docker engine answers here")


@contextmanager
def clickhouse_container(image: str = IMAGES[0]) -> Iterator[str]:
    """A ClickHouse server; gives its URL without a database. Skips without Docker."""
    require_docker()
    from testcontainers.community.clickhouse import ClickHouseContainer

    container = ClickHouseContainer(image, username="ledger", password="ledger", dbname="default")
    with container:
        yield f"clickhouse://ledger:ledger@{container.get_container_host_ip()}:{container.get_exposed_port(8123)}"
