"""The bar of core time: its parts are the whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sparkledger.cli.core_time_bar import Slice, cells


@given(st.lists(st.integers(min_value=1, max_value=10**12), min_size=1, max_size=20), st.integers(min_value=1, max_value=200))
def test_cells_sum_to_the_width_whatever_the_parts(amounts: list[int], width: int) -> None:
    parts = [Slice(str(place), amount / sum(amounts), "x", "") for place, amount in enumerate(amounts)]

    drawn = cells(parts, width)

    assert sum(drawn) == width
    assert min(drawn) >= 0
    assert all(abs(count - part.share * width) < 1 for count, part in zip(drawn, parts, strict=True))
