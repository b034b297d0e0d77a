"""Orders of whole numbers, as values where they fit into one number and by lookup where they do not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.timeline.order import order_by

small, any_size = st.integers(-50, 50), st.integers(-(1 << 62), (1 << 62) - 1)


@pytest.mark.parametrize("numbers", [small, any_size], ids=["fit", "too large"])
def test_equal_elements_keep_their_order(numbers: st.SearchStrategy[int]) -> None:
    @given(st.lists(st.tuples(numbers, numbers)))
    def check(pairs: list[tuple[int, int]]) -> None:
        columns = [np.array([pair[place] for pair in pairs], dtype=np.int64) for place in (0, 1)]

        assert order_by(*columns).tolist() == sorted(range(len(pairs)), key=pairs.__getitem__)

    check()
