"""Bringing values into the ranges that the tables hold, counting every change.

What Spark could have meant is kept, what it could not is changed and counted in `Adjustments`, never silently:

* -1 is Spark's own mark for what was never set: it becomes 0, the same as an absent field, and is not counted;
* a time below 1970 or above 2100 becomes that bound (1970 stands for unknown);
* an amount below 0 becomes 0, one above its column's type becomes the type's greatest;
* an identifier out of range, or a value of another type, makes its line a bad line instead.
"""

from __future__ import annotations

from collections import Counter
from typing import Annotated

from msgspec import Meta

from collector.eventlog.fields import INT64_MAX, INT64_MIN, UINT32_MAX

MAX_TIME_MS = 4_102_444_800_000
"""2100-01-01 in milliseconds since 1970; a ClickHouse `Date` reaches 2149."""

ERROR_CHARACTERS = 500
TEXT_CHARACTERS = 2000

Id32 = Annotated[int, Meta(ge=0, le=UINT32_MAX)]
Int64 = Annotated[int, Meta(ge=INT64_MIN, le=INT64_MAX)]

UNSET = -1

Adjustments = Counter[str]
"""How many values of a column (`tasks.jvm_gc_time_ms`) were changed to fit."""


def time_ms(value: int, column: str, adjusted: Adjustments) -> int:
    """A time in milliseconds within 1970 to 2100."""
    if 0 <= value <= MAX_TIME_MS:
        return value
    if value == UNSET:
        return 0
    adjusted[column] += 1
    return 0 if value < 0 else MAX_TIME_MS


def amount(value: int, column: str, adjusted: Adjustments) -> int:
    """An amount of 0 or more."""
    if value >= 0 or value == UNSET:
        return max(value, 0)
    adjusted[column] += 1
    return 0


def clamped(value: int, low: int, high: int, column: str, adjusted: Adjustments) -> int:
    """`value` within `low` to `high`."""
    if low <= value <= high:
        return value
    adjusted[column] += 1
    return low if value < low else high


def cut(text: str, characters: int) -> str:
    """At most `characters` code points of a text; the listener cuts the same way."""
    return text[:characters]
