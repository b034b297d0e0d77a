"""The memory of a process and its descendants, read from /proc."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

_PSS = re.compile(rb"^Pss:\s+(\d+) kB", re.MULTILINE)
_EVERY_S = 0.2


def peak_memory_mib(process: subprocess.Popen[str]) -> float:
    """The greatest sum seen until the process ends, in MiB; pages that processes share count once (proportional set size)."""
    peak = 0
    while process.poll() is None:
        peak = max(peak, sum(_pss_kib(pid) for pid in _tree(process.pid)))
        time.sleep(_EVERY_S)
    return peak / 1024


def _tree(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [pid, *(below for child in children for below in _tree(int(child)))]


def _pss_kib(pid: int) -> int:
    try:
        found = _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_bytes())
    except OSError:
        return 0
    return int(found[1]) if found else 0
