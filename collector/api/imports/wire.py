"""The body of an import batch: Arrow IPC streams one after another, each with its table's name in the schema's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from struct import error as StructError

import pyarrow as pa

from collector.api.errors import refusal
from collector.api.imports.arrow_size import plain_bytes
from collector.eventlog.schemas import SCHEMAS

MEDIA_TYPE = "application/vnd.apache.arrow.stream"
_NAME = b"table"
_ROOM = "raise `ingest.decompressed_bytes` of the server: `sparkledger import` sends some 50 MB at once"


def encode_tables(tables: Mapping[str, pa.Table], *, compress: bool = True) -> bytes:
    """A body that `decode_tables` reads; without compression it is for the same process."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd" if compress else None, emit_dictionary_deltas=False)
    for name, table in tables.items():
        named = table.combine_chunks().unify_dictionaries().replace_schema_metadata({_NAME: name})
        with pa.ipc.new_stream(sink, named.schema, options=options) as stream:
            stream.write_table(named)
    return bytes(sink.getvalue().to_pybytes())


def check_content_type(content_type: str) -> None:
    """Raise a 415 for any but `MEDIA_TYPE`: a page of another site can make a browser post here, but not with a type of its own."""
    if content_type.partition(";")[0].strip().lower() != MEDIA_TYPE:
        message = f"the content type is `{content_type}`" if content_type else "the request has no content type"
        raise refusal(415, "unsupported_media_type", message, f"send Arrow streams, with `Content-Type: {MEDIA_TYPE}`")


def decode_tables(body: bytes, *, limit_bytes: int) -> dict[str, pa.Table]:
    """The tables of a body by name. Raises a 413 above `limit_bytes`, before they are decompressed, and a 422 for anything that is not
    rows of the raw tables."""
    tables: dict[str, pa.Table] = {}
    reader = pa.BufferReader(body)
    room = limit_bytes
    try:
        while (start := reader.tell()) < reader.size():
            room -= plain_bytes(reader)
            if room < 0:
                raise refusal(413, "body_too_large", f"the tables hold more than {limit_bytes:,} bytes once decompressed", _ROOM)
            reader.seek(start)
            with pa.ipc.open_stream(reader) as stream:
                table = stream.read_all()
            name = (table.schema.metadata or {}).get(_NAME, b"").decode()
            table.validate(full=True)
            tables[name] = table.replace_schema_metadata(None)
    except (pa.ArrowException, OSError, ValueError, StructError) as error:
        message = f"the body is no sequence of Arrow streams: {error}"
        raise refusal(422, "broken_batch", message, "import with `sparkledger import`") from None
    for name, table in tables.items():
        _check(name, table)
    return tables


def _check(name: str, table: pa.Table) -> None:
    expected = SCHEMAS.get(name)
    if expected is None or table.schema != expected:
        hint = "the command line and the server must be of one version"
        raise refusal(422, "foreign_table", f"`{name}` is no raw table, or has other columns", hint)
