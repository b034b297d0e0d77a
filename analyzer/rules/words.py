"""Measured values as words of a finding's title."""

from __future__ import annotations


def duration_text(ms: float) -> str:
    """`850 ms`, `12.3 s`, `4.5 min` or `2.1 h`."""
    for unit, size in (("h", 3_600_000), ("min", 60_000), ("s", 1000)):
        if ms >= size:
            return f"{ms / size:.1f} {unit}"
    return f"{ms:.0f} ms"


def bytes_text(count: float) -> str:
    """`512 B`, `3.2 MiB` or `1.4 TiB`."""
    size = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if size < 1024:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1024
    return f"{size:.1f} TiB"


def share_text(share: float) -> str:
    """A share (0 to 1) as `42 %`, or `0.4 %` below one per cent."""
    return f"{share * 100:.0f} %" if share >= 0.01 or share == 0 else f"{share * 100:.1f} %"
