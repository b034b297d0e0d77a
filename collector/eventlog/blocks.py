"""`SparkledgerTaskEnds`: many task ends in one line, one array a field (docs/reference/event-stream.md, "Block lines")."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from collector.eventlog.fields import ERROR, INT64_MAX, INT64_MIN, METRICS_MISSING, RANGES, REASON, TASK_FIELDS, Kind
from collector.eventlog.identity import Identity
from collector.eventlog.schemas import LABEL, TEXT
from collector.eventlog.task_table import RAW_TYPES, error_text, task_table
from collector.eventlog.values import Adjustments, Int64

MAX_COUNT = 100_000
"""Task ends of one line: `{"all": 0}` asks for as many rows as it likes. The listener packs 4,096."""


class BadBlock(ValueError):
    """A block line that contradicts itself: wrong lengths, indices or values out of range."""


class _Numbers(msgspec.Struct, gc=False):
    all: Int64 | None = None
    base: Int64 | None = None
    delta: list[int] | None = None


class _Texts(msgspec.Struct, gc=False):
    all: str | None = None
    entries: list[str] | None = msgspec.field(name="dict", default=None)
    indices: list[int] | None = msgspec.field(name="idx", default=None)


# Block column -> (raw column, its type, the values that it may have).
_NUMBERS: dict[str, tuple[str, pa.DataType, tuple[int, int]]] = {
    METRICS_MISSING: (METRICS_MISSING, pa.bool_(), (0, 1)),
    **{f.block_column: (f.column, RAW_TYPES[f.kind], RANGES.get(f.kind, (0, 1))) for f in TASK_FIELDS if f.kind is not Kind.LABEL},
}
_TEXTS: dict[str, tuple[str, pa.DataType]] = {
    REASON: (REASON, LABEL),
    ERROR: (ERROR, TEXT),
    **{f.block_column: (f.column, LABEL) for f in TASK_FIELDS if f.kind is Kind.LABEL},
}


def _attribute(name: str) -> str:
    return name.replace(" ", "_")


def _block_struct() -> Any:
    kinds = {**dict.fromkeys(_NUMBERS, list[int] | _Numbers | None), **dict.fromkeys(_TEXTS, list[str] | _Texts | None)}
    columns = [(_attribute(name), kind, msgspec.field(name=name, default=None)) for name, kind in kinds.items()]
    count = ("count", Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT)], msgspec.field(name="Count"))
    return msgspec.defstruct("TaskEnds", [count, *columns], gc=False)


decode_block = msgspec.json.Decoder(_block_struct()).decode


def block_table(block: Any, identity: Identity, adjusted: Adjustments) -> pa.Table:
    """Rows of `tasks` from one decoded block line.

    Raises:
        BadBlock: the columns' lengths differ from `Count`, or a value cannot be.
    """
    raw = {}
    for name, (column, kind, allowed) in _NUMBERS.items():
        numbers = getattr(block, _attribute(name))
        if numbers is not None:
            raw[column] = _in_range(name, _checked(name, block.count, _number_array(name, numbers, block.count)), allowed).cast(kind)
    for name, (column, kind) in _TEXTS.items():
        texts = getattr(block, _attribute(name))
        if texts is not None:
            raw[column] = _checked(name, block.count, _text_array(name, texts, block.count)).cast(kind)
    return task_table(block.count, raw, identity, adjusted)


def _number_array(name: str, numbers: list[int] | _Numbers, count: int) -> pa.Array:
    try:
        if isinstance(numbers, list):
            return pa.array(numbers, pa.int64())
        if numbers.all is not None:
            return pa.repeat(pa.scalar(numbers.all, pa.int64()), count)
        if numbers.delta is not None and numbers.base is not None:
            return pc.add_checked(pa.array(numbers.delta, pa.int64()), numbers.base)
    except (pa.ArrowInvalid, OverflowError):
        raise BadBlock(f"column `{name}` has a number beyond 64 bits") from None
    raise _unknown_form(name)


def _text_array(name: str, texts: list[str] | _Texts, count: int) -> pa.DictionaryArray:
    if isinstance(texts, _Texts):
        if texts.all is not None:
            entries, indices = [texts.all], pa.repeat(pa.scalar(0, pa.int32()), count)
        elif texts.entries is not None and texts.indices is not None:
            entries, indices = texts.entries, _indices(name, texts.indices, len(texts.entries))
        else:
            raise _unknown_form(name)
    else:
        entries, indices = texts, pa.array(range(len(texts)), pa.int32())
    if name == ERROR:
        entries = [error_text(entry) for entry in entries]
    # A dictionary may name a text twice; ours never does.
    unique = pa.array(entries, TEXT).dictionary_encode()
    return pa.DictionaryArray.from_arrays(unique.indices.take(indices), unique.dictionary)


def _indices(name: str, indices: list[int], entries: int) -> pa.Array:
    if indices and not (min(indices) >= 0 and max(indices) < entries):
        raise BadBlock(f"column `{name}` has an index outside its dictionary of {entries}")
    return pa.array(indices, pa.int32())


def _checked(name: str, count: int, values: pa.Array) -> pa.Array:
    if len(values) != count:
        raise BadBlock(f"column `{name}` has {len(values)} values, `Count` is {count}")
    return values


def _in_range(name: str, values: pa.Array, allowed: tuple[int, int]) -> pa.Array:
    if len(values) and allowed != (INT64_MIN, INT64_MAX):
        bounds = pc.min_max(values)
        if bounds["min"].as_py() < allowed[0] or bounds["max"].as_py() > allowed[1]:
            raise BadBlock(f"column `{name}` has a value outside {allowed[0]} to {allowed[1]}")
    return values


def _unknown_form(name: str) -> BadBlock:
    return BadBlock(f"column `{name}` has none of the forms [...], all, base with delta, dict with idx")
