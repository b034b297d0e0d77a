"""pyarrow without pandas, which this package never uses.

Making its first array from Python values, pyarrow imports pandas wherever that is installed, as it is beside chDB. In every process that
takes as long as opening a store, and 30 MB. pyarrow looks once: told that there is none, it does without, and still imports pandas for
who asks for a DataFrame later. Source: `pandas-shim.pxi` and `array.pxi` of Apache Arrow, read 2026-11.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType

import pyarrow as pa

_lock = threading.Lock()
_done = False


class _Hidden:
    """A finder that knows one module only: to say that it is not there."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name == "pandas":
            raise ModuleNotFoundError(f"{name} is not looked for here", name=name)
        return None


def keep_pandas_out() -> None:
    """Let pyarrow look for pandas now, and find none. Where pandas is imported already nothing is left to save."""
    global _done
    with _lock:
        if _done or "pandas" in sys.modules:
            return
        hidden = _Hidden()
        sys.meta_path.insert(0, hidden)
        try:
            pa.array([0])  # without a type, since both the making and the guessing of one look
        finally:
            sys.meta_path.remove(hidden)
        _done = True
