"""How numbers read on a page: a value with its unit, never more digits than it deserves."""

from __future__ import annotations

from datetime import datetime

_BYTES = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


def duration(ms: float) -> str:
    """Milliseconds as `480 ms`, `12.3 s`, `4 min 05 s` or `3 h 12 min`."""
    if ms < 1000:
        return f"{ms:.0f} ms"
    seconds = ms / 1000
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min {seconds % 60:02.0f} s" if round(seconds % 60) < 60 else f"{seconds // 60 + 1:.0f} min"
    return f"{seconds // 3600:.0f} h {seconds % 3600 // 60:02.0f} min"


def core_time(core_s: float) -> str:
    """Core-seconds as `95 core-s`, or core-hours from a tenth of one."""
    return f"{core_s:,.0f} core-s" if core_s < 360 else f"{core_s / 3600:,.1f} core-h"


def size(byte_count: float) -> str:
    """Bytes in binary units."""
    unit = 0
    while byte_count >= 1024 and unit < len(_BYTES) - 1:
        byte_count /= 1024
        unit += 1
    return f"{byte_count:.0f} {_BYTES[unit]}" if unit == 0 or byte_count >= 100 else f"{byte_count:.1f} {_BYTES[unit]}"


def usd(amount_usd: float) -> str:
    """US dollars; below a cent with enough digits to tell amounts apart."""
    if 0 < amount_usd < 0.0001:
        return "< $0.0001"
    return f"${amount_usd:,.2f}" if amount_usd >= 0.995 or amount_usd == 0 else f"${amount_usd:.4f}"


def usd_range(low_usd: float, high_usd: float) -> str:
    """A range of US dollars; one number where both ends read the same."""
    low, high = usd(low_usd), usd(high_usd)
    return low if low == high else f"{low} to {high}"


def share(part: float) -> str:
    """A share of 0 to 1 in per cent."""
    return f"{part * 100:.0f} %" if part >= 0.0995 or part == 0 else f"{part * 100:.1f} %"


def moment(time: datetime | None) -> str:
    """A time in UTC, to the second."""
    return time.strftime("%Y-%m-%d %H:%M:%S UTC") if time else "-"


def quantity(value: float | str, unit: str) -> str:
    """A piece of evidence with its unit in words."""
    if isinstance(value, str):
        return value
    renderers = {"ms": duration, "s": lambda v: duration(v * 1000), "By": size, "core.s": core_time, "USD": usd}
    if unit in renderers:
        return renderers[unit](value)
    number = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}"
    return number if unit in ("", "1") else f"{number} {unit.strip('{}')}"
