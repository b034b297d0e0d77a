"""The body of an import batch: what it takes in memory is known before it is taken."""

from __future__ import annotations

import resource
from contextlib import suppress

import pyarrow as pa
import pytest
from fastapi import HTTPException
from hypothesis import given, settings
from hypothesis import strategies as st

from collector.api.imports.arrow_size import plain_bytes
from collector.api.imports.wire import MEDIA_TYPE, check_content_type, decode_tables, encode_tables
from collector.eventlog.schemas import SCHEMAS
from tests.support.rows import tasks

LIMIT_BYTES = 128 << 20


def buffer_bytes(table: pa.Table) -> int:
    arrays = [chunk for column in table.columns for chunk in column.chunks]
    arrays += [array.dictionary for array in arrays if isinstance(array, pa.DictionaryArray)]
    return sum(len(buffer) for array in arrays for buffer in array.buffers() if buffer is not None)


def repeated(count: int) -> pa.Table:
    """As many equal rows of `sql_executions`, which compress to next to nothing."""
    columns = []
    for kind in SCHEMAS["sql_executions"].types:
        if pa.types.is_dictionary(kind):
            columns.append(pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), count), pa.array(["start"])))
        elif pa.types.is_string(kind):
            columns.append(pa.repeat(pa.scalar(""), count))
        else:
            columns.append(pa.repeat(pa.scalar(0, pa.int64()), count).cast(kind))
    return pa.table(columns, schema=SCHEMAS["sql_executions"])


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("count", [1, 10, 5000])
def test_size_is_that_of_the_buffers(compress: bool, count: int) -> None:
    table = repeated(count)
    body = encode_tables({"sql_executions": table}, compress=compress)
    padding = 8 * 40
    assert abs(plain_bytes(pa.BufferReader(body)) - buffer_bytes(table)) <= padding
    assert decode_tables(body, limit_bytes=LIMIT_BYTES) == {"sql_executions": table}


def test_tables_after_one_another_share_the_limit() -> None:
    small, large = repeated(10), repeated(50_000)
    body = encode_tables({"sql_executions": small}) + encode_tables({"sql_executions": large})
    assert decode_tables(body, limit_bytes=LIMIT_BYTES)["sql_executions"].num_rows == 50_000
    with pytest.raises(HTTPException) as refused:
        decode_tables(body, limit_bytes=1_000_000)
    assert refused.value.status_code == 413


def test_bomb_is_refused_before_it_goes_off() -> None:
    body = encode_tables({"sql_executions": repeated(10_000_000)})
    assert len(body) < 100_000
    before_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(HTTPException) as refused:
        decode_tables(body, limit_bytes=LIMIT_BYTES)
    assert refused.value.status_code == 413
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kb < 20_000


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_body_is_a_refusal(data: st.DataObject) -> None:
    body = bytearray(encode_tables({"sql_executions": repeated(100)}))
    for at in data.draw(st.lists(st.integers(0, len(body) - 1), min_size=1, max_size=5)):
        body[at] = data.draw(st.integers(0, 255))
    # Whatever else it raised would be an internal error.
    with suppress(HTTPException):
        decode_tables(bytes(body), limit_bytes=LIMIT_BYTES)


def test_columns_of_every_kind_are_counted() -> None:
    table = tasks("app-1", 20)
    named = pa.table(table.columns, schema=table.schema.with_metadata({b"table": b"tasks"}))
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, named.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(named)
    assert plain_bytes(pa.BufferReader(sink.getvalue())) >= buffer_bytes(table)


@pytest.mark.parametrize("content_type", [MEDIA_TYPE, f"{MEDIA_TYPE.upper()}; v=1"])
def test_content_type_of_arrow_is_taken(content_type: str) -> None:
    check_content_type(content_type)


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "application/vnd.apache.arrow.file"])
def test_other_content_types_are_not(content_type: str) -> None:
    with pytest.raises(HTTPException) as refused:
        check_content_type(content_type)
    assert refused.value.status_code == 415
