"""Makes the tables that applications read: one Parquet file, linked as often as the table has files.

A link costs no disk, and Spark lists and reads each like a file of its own. Values are plain, without dictionary or compression, so
that a file is as large as its payload.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

PAYLOAD_BYTES = 10_000
KINDS = 100


def table_folder(spec: Mapping[str, Any], cache: Path) -> Path:
    """The table's folder, made where it is not there.

    Args:
        spec: `files`; `file_kib`, the size of each; `partitions`, folders `day=…` that they are spread over, 0 for none; `columns`,
            how many share the payload, 1 where absent.
        cache: where tables are kept.
    """
    folder = cache / "tables" / hashlib.sha256(json.dumps(dict(spec), sort_keys=True).encode()).hexdigest()[:12]
    if folder.is_dir():
        return folder
    scratch = folder.with_name(folder.name + ".making")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    _write(scratch / "part-00000.parquet", spec["file_kib"] * 1024, spec.get("columns", 1))
    for number in range(spec["files"]):
        partitions = spec.get("partitions", 0)
        where = scratch / f"day={number % partitions + 1}" if partitions else scratch
        where.mkdir(exist_ok=True)
        target = where / f"part-{number:05d}.parquet"
        if not target.exists():
            os.link(scratch / "part-00000.parquet", target)
    if spec.get("partitions", 0):
        (scratch / "part-00000.parquet").unlink()
    scratch.rename(folder)
    return folder


def _write(path: Path, size_bytes: int, columns: int) -> None:
    """A file of `id`, `kind`, `amount` and payload, close to the size; `kind` and `amount` are spread evenly over all rows."""
    payload = min(PAYLOAD_BYTES, max(100, size_bytes - 1500))
    rows = max(1, size_bytes // (payload + 40))
    names = ["payload"] if columns == 1 else [f"payload_{i}" for i in range(columns)]
    text = "x" * max(1, payload // columns)
    schema = pa.schema([("id", pa.int64()), ("kind", pa.string()), ("amount", pa.float64()), *((name, pa.string()) for name in names)])
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        for first in range(0, rows, 2_000):
            ids = range(first, min(rows, first + 2_000))
            values = [list(ids), [f"kind {i % KINDS}" for i in ids], [float(i % KINDS) for i in ids], *([[text] * len(ids)] * len(names))]
            arrays = [pa.array(value, type=field.type) for value, field in zip(values, schema, strict=True)]
            writer.write_table(pa.table(arrays, schema=schema))
