"""The decoder's columns are the migration's."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

from collector import storage
from collector.eventlog.schemas import SCHEMAS

_MIGRATIONS = Path(storage.__file__).parent / "migrations"
_RAW = ("0001_raw_tables.sql", "0003_executor_measurements.sql", "0006_contents_of_batches.sql")
_SQL = "".join((_MIGRATIONS / name).read_text() for name in _RAW)
_ARROW = {
    "String": pa.string(),
    "LowCardinality(String)": pa.dictionary(pa.int32(), pa.string()),
    "DateTime64(3, 'UTC')": pa.timestamp("ms", "UTC"),
    "Bool": pa.bool_(),
    "UInt8": pa.uint8(),
    "UInt32": pa.uint32(),
    "UInt64": pa.uint64(),
    "Int32": pa.int32(),
    "Int64": pa.int64(),
    "Float64": pa.float64(),
}


def columns_of(table: str) -> list[tuple[str, str]]:
    """Names and ClickHouse types of a table in the migration, without received_at."""
    body = re.search(rf"CREATE TABLE IF NOT EXISTS {table} .*?\(\n(.*?)\n\) ENGINE", _SQL, re.DOTALL)
    assert body, f"no table {table}"
    found = re.findall(r"^  (\w+)\s+(.*?),?\s*$", without_codecs(body[1]), re.MULTILINE)
    columns = [(name, kind) for name, kind in found if name != "received_at"]
    for altered in re.findall(rf"ALTER TABLE {table} [^;]*;", _SQL):
        added = re.findall(r"ADD COLUMN IF NOT EXISTS (\w+) (.*?)(?: AFTER (\w+))?[,;]?\s*$", without_codecs(altered), re.MULTILINE)
        for name, kind, before in added:
            at = 1 + [column for column, _ in columns].index(before) if before else len(columns)
            columns.insert(at, (name, kind))
    return columns


def without_codecs(declared: str) -> str:
    """Declarations of columns without codecs and comments."""
    return re.sub(r" CODEC\(.*?\)(?=[,;]?\s*$)", "", re.sub(r"--[^\n]*", "", declared), flags=re.MULTILINE)


def arrow_type(kind: str) -> pa.DataType:
    if kind.startswith("Enum8"):
        return _ARROW["LowCardinality(String)"]
    mapped = re.match(r"Map\(LowCardinality\(String\), (.*)\)$", kind)
    if mapped:
        return pa.map_(pa.string(), arrow_type(mapped[1]))
    wrapped = re.match(r"(Array|Nullable)\((.*)\)$", kind)
    if wrapped:
        inner = arrow_type(wrapped[2])
        return pa.list_(inner) if wrapped[1] == "Array" else inner
    return _ARROW[kind]


@pytest.mark.parametrize("table", SCHEMAS)
def test_columns_and_types_are_those_of_the_migration(table: str) -> None:
    assert [(field.name, field.type) for field in SCHEMAS[table]] == [(name, arrow_type(kind)) for name, kind in columns_of(table)]


def test_every_table_of_events_is_decoded() -> None:
    tables = set(re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", _SQL))
    assert tables == set(SCHEMAS)
