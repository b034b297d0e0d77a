"""Numbers as people read them, on pages, in digests and on the command line. Pure functions from numbers to text."""

from __future__ import annotations

import math

NOTHING = "\N{EN DASH}"
"""Stands where there is no number."""
MINUS = "\N{MINUS SIGN}"
_TO = "\N{EN DASH}"
_HOUR_S = 3600.0


def usd(amount_usd: float) -> str:
    """Dollars with as many decimals as still matter: `$0`, `$0.0042`, `$3.72`, `$1,240`."""
    if amount_usd == 0:
        return "$0"
    if 0 < amount_usd < 0.01:
        return f"${amount_usd:.4f}" if amount_usd >= 0.0001 else "<$0.0001"
    return f"${amount_usd:,.2f}" if abs(amount_usd) < 100 else f"${amount_usd:,.0f}"


def usd_range(low_usd: float, high_usd: float) -> str:
    """`$12.00`, a dash, `15.50`; one figure where both ends read the same."""
    low, high = usd(low_usd), usd(high_usd)
    if 0.0001 <= low_usd < 0.01 <= high_usd < 1:
        high = f"${high_usd:.4f}"
    if 1 <= low_usd < 100 <= high_usd:
        low = f"${low_usd:.0f}"
    return low if low == high else f"{low}{_TO}{high if low.startswith('<') else high.removeprefix('$')}"


def number_range(low: float, high: float) -> str:
    """Whole numbers: `1,200`, a dash, `45,000`; one figure where both ends are equal."""
    return f"{low:,.0f}" if low == high else f"{low:,.0f}{_TO}{high:,.0f}"


def core_time(core_s: float) -> str:
    """Core-seconds as `95 core-s`, from a tenth of an hour as `1.6 core-h`."""
    return core_time_range(core_s, core_s)


def core_time_range(low_core_s: float, high_core_s: float) -> str:
    """A range in the unit of its high end; one figure where both ends read the same."""
    unit, divisor = ("core-s", 1.0) if high_core_s < _HOUR_S / 10 else ("core-h", _HOUR_S)
    low, high = _significant(low_core_s / divisor), _significant(high_core_s / divisor)
    return f"{low if low == high else low + _TO + high} {unit}"


def freed(low_core_s: float, high_core_s: float, low_usd: float, high_usd: float) -> str:
    """What a change would free: `$0.31`, a dash, `0.47, 1.5-2.3 core-h`; money alone where only memory is; empty for nothing."""
    told = [usd_range(low_usd, high_usd)] if high_usd > 0 else []
    return ", ".join(told + ([core_time_range(low_core_s, high_core_s)] if high_core_s > 0 else []))


def share(value: float) -> str:
    """A share (0 to 1) in per cent; below 10 % with one decimal."""
    percent = value * 100
    if 0 < percent < 0.05:
        return "<0.1 %"
    return f"{percent:.1f} %" if 0 < percent < 9.95 else f"{percent:.0f} %"


def change(now: float, before: float | None) -> str:
    """The relative change since `before` as `+12 %`, `±0 %`; a dash where there is nothing to compare with."""
    if before is None or before <= 0:
        return NOTHING
    percent = round((now / before - 1) * 100)
    return "±0 %" if percent == 0 else f"{percent:+,d} %".replace("-", MINUS)


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 run`, `1,240 runs`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def duration(ms: float) -> str:
    """`812 ms`, `4.2 s`, `12 min 03 s`, `3 h 05 min`."""
    seconds = ms / 1000
    if seconds < 1:
        return f"{ms:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest_s = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest_s:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min"


def size(size_bytes: float) -> str:
    """Bytes in binary units: `512 B`, `3.4 GiB`."""
    value, units = float(size_bytes), ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while abs(value) >= 1024 and len(units) > 1:
        value /= 1024
        units.pop(0)
    return f"{value:.0f} B" if units[0] == "B" else f"{value:.{1 if value < 100 else 0}f} {units[0]}"


def quantity(name: str, value: float | str, unit: str) -> str:
    """A piece of evidence with its unit in words; shares in per cent."""
    if isinstance(value, str):
        return value
    readable = {"ms": duration, "s": lambda seconds: duration(seconds * 1000), "By": size, "core.s": core_time, "USD": usd}
    if unit in readable:
        return readable[unit](value)
    if unit == "1" and (name.endswith("share") or name.startswith("explained_by_")):
        return share(value)
    number = f"{value:,.0f}" if float(value).is_integer() else _significant(value)
    word = unit.strip("{}")
    if word in ("", "1"):
        return number
    if word == "1/h":
        return f"{number} an hour"
    return f"{number} {word}{'s' if unit.startswith('{') and value != 1 else ''}"


def _significant(value: float) -> str:
    if value == 0:
        return "0"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    decimals = max(0, 1 - math.floor(math.log10(abs(value))))
    return f"{value:.{min(decimals, 4)}f}"
