"""Promised releases of ClickHouse, each in a container: the tables are made, filled, replaced and read."""

from __future__ import annotations

import pytest

from collector.storage import open_store
from collector.storage.migrations import pending_migrations
from collector.storage.writer import Writer
from tests.support.docker import IMAGES, clickhouse_container
from tests.support.rows import application_starts, tasks


@pytest.mark.slow
@pytest.mark.parametrize("image", IMAGES)
def test_a_promised_release_of_clickhouse_serves_as_the_store(image: str) -> None:
    with clickhouse_container(image) as url, open_store(f"{url}/sparkledger") as store:
        assert pending_migrations(store) == []
        writer = Writer(store)
        for _ in range(2):
            writer.write({"applications": application_starts("app-1"), "tasks": tasks("app-1", 500)}).result(timeout=600)
        writer.close()
        assert store.rows("SELECT count() AS n FROM tasks FINAL") == [{"n": 500}]
        assert store.rows("SELECT toString(event) AS event FROM applications FINAL") == [{"event": "start"}]
