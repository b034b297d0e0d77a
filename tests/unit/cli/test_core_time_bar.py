"""The bar of core time: its parts are the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkledger.cli.core_time_bar import cells, slices

seconds = st.floats(min_value=0, max_value=1e9, allow_nan=False)


@given(seconds, seconds, seconds, seconds, seconds, st.integers(min_value=1, max_value=200))
def test_parts_sum_to_the_whole_whatever_is_reported(
    allocated: float, busy: float, lost: float, gc: float, fetch: float, width: int
) -> None:
    parts = slices(
        {
            "allocated_core_s": allocated,
            "busy_core_s": busy,
            "unsuccessful_core_s": lost,
            "gc_core_s": gc,
            "fetch_wait_core_s": fetch,
        }
    )
    if allocated == 0:
        assert parts == []
        return
    assert abs(sum(part.share for part in parts) - 1) < 1e-9
    assert all(part.share > 0 for part in parts)
    drawn = cells(parts, width)
    assert sum(drawn) == width
    assert min(drawn) >= 0
