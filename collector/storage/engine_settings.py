"""Settings that go with statements, always explicit: ClickHouse 26.2 changed several defaults of inserts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

READ_SETTINGS: Mapping[str, Any] = {
    # 2 rather than 1: the driver has to set options of its own.
    "readonly": 2,
    "max_execution_time": 60,
    # Without it the limit above is checked by an estimate, which refuses queries that would have been quick.
    "timeout_before_checking_execution_speed": 0,
    "max_result_bytes": 1 << 30,
    "result_overflow_mode": "throw",
}
"""Limits of a read: 60 s, 1 GiB of result, no writing."""

_INSERT_SETTINGS: Mapping[str, Any] = {
    "async_insert": 0,
    # An import of old logs touches one partition a day; 0 lifts the limit of 100.
    "max_partitions_per_insert_block": 0,
}


def insert_settings(known: Mapping[str, Any]) -> dict[str, Any]:
    """Settings of one insert for an engine that knows the settings `known`.

    The engine's own deduplication is off: its log is written before the data, so after a kill a retry can be swallowed
    although the first attempt was lost. Replacing tables make a retry harmless instead.
    """
    deduplication = {"deduplicate_insert": "disable"} if "deduplicate_insert" in known else {"insert_deduplicate": 0}
    return {name: value for name, value in {**_INSERT_SETTINGS, **deduplication}.items() if name in known}
