"""Failures of the driver as people read them."""

from __future__ import annotations

import errno

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from collector.storage.clickhouse_server import ServerEngine
from collector.storage.errors import StoreUnavailable
from collector.storage.failures import translated


def full_disk(error: Exception) -> StoreUnavailable:
    with pytest.raises(StoreUnavailable) as raised, translated("insert into `tasks`"):
        raise error
    return raised.value


def test_full_disk_asks_for_space_whoever_notices_it() -> None:
    by_engine = DatabaseError("Cannot reserve 1.00 MiB, not enough space")
    by_engine.code = 243
    by_system = OSError(errno.ENOSPC, "No space left on device")
    assert [full_disk(error).hint for error in (by_engine, by_system)] == ["free some disk space"] * 2
    assert str(full_disk(by_system)) == "insert into `tasks`: No space left on device"


def test_address_where_nobody_listens_is_no_matter_of_passwords() -> None:
    with pytest.raises(StoreUnavailable, match="did not answer") as raised:
        ServerEngine("clickhouse://user:secret@127.0.0.1:1/ledger")
    assert raised.value.hint == "check that ClickHouse runs there"
    assert "secret" not in str(raised.value)
