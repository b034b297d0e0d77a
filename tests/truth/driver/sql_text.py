"""The few words that labels use beyond Spark's SQL.

`$sleep(MS)` holds the task for so many milliseconds at this row, without a processor; `$crash(KEY)` fails the first time that the JVM
sees this key; `$collect()` collects garbage; `$keyN(I)`, N one of 4, 8, 16 and 24, is an integer that a hash into N partitions puts
into partition I.
"""

from __future__ import annotations

import re

KEYS = {
    4: (12, 6, 2, 0),
    8: (12, 6, 5, 1, 25, 15, 2, 0),
    16: (12, 16, 5, 1, 37, 20, 2, 35, 13, 6, 49, 7, 25, 15, 4, 0),
    24: (14, 6, 31, 3, 37, 15, 2, 75, 12, 9, 49, 11, 25, 19, 28, 0, 13, 16, 5, 1, 56, 43, 55, 78),
}
"""The least integers whose murmur3 hash, as Spark's `hash` takes it, is 0, 1, … modulo the number of partitions."""
_WORD = re.compile(r"\$(sleep|crash|collect|key\d+)\(")


def spark_sql(text: str) -> str:
    """The text with those words written out."""
    while match := _WORD.search(text):
        end = _closing(text, match.end())
        inner = text[match.end() : end]
        text = text[: match.start()] + _written(match[1], inner) + text[end + 1 :]
    return text


def _written(word: str, inner: str) -> str:
    if word == "sleep":
        return f"reflect('java.lang.Thread', 'sleep', CAST({inner} AS BIGINT))"
    if word == "collect":
        return "reflect('java.lang.System', 'gc')"
    if word == "crash":
        first = f"reflect('java.lang.System', 'setProperty', concat('truth.', {inner}), 'seen') = 'null'"
        return f"if({first}, CAST(raise_error('the first attempt fails') AS STRING), 'done')"
    numbers = ", ".join(str(key) for key in KEYS[int(word.removeprefix("key"))])
    return f"element_at(array({numbers}), CAST({inner} AS INT) + 1)"


def _closing(text: str, begin: int) -> int:
    depth = 1
    for position in range(begin, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    raise ValueError(f"a bracket is not closed: {text}")
