"""Memory that was paid for and used: closed forms, and what holds for any executors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.timeline.history import ExecutorLives, ints
from analyzer.timeline.memory_use import GIB, memory_use

moments, memory, used = st.integers(0, 10**6), st.integers(0, 64 * GIB), st.floats(0, 80 * GIB)
executors = st.lists(st.tuples(moments, moments, memory, used, used, st.booleans()), max_size=8)


def lives(*executors: tuple[int, int, int]) -> ExecutorLives:
    """Executors of (added ms, removed ms, bytes)."""
    added, removed, memory = zip(*executors, strict=True) if executors else ((), (), ())
    return ExecutorLives([str(n) for n in range(len(executors))], ints([1] * len(executors)), ints(added), ints(removed), ints(memory))


def test_use_counts_over_the_life_of_each_executor() -> None:
    used = memory_use(lives((0, 10_000, 8 * GIB), (0, 20_000, 8 * GIB)), {"0": (6 * GIB, 4 * GIB)})

    assert used.allocated_gb_s == 240
    assert (used.reported_gb_s, used.peak_gb_s, used.mean_gb_s) == (80, 60, 40)
    assert (used.executors, used.executors_reporting) == (2, 1)


@given(executors)
def test_average_is_at_most_peak_and_peak_at_most_allocated(generated: list[tuple[int, int, int, float, float, bool]]) -> None:
    lived = lives(*((min(a, b), max(a, b), memory) for a, b, memory, *_ in generated))
    used = memory_use(lived, {str(n): (peak, mean) for n, (_, _, _, peak, mean, told) in enumerate(generated) if told})

    assert 0 <= used.mean_gb_s <= used.peak_gb_s * (1 + 1e-9)
    assert used.peak_gb_s <= used.reported_gb_s * (1 + 1e-9)
    assert used.reported_gb_s <= used.allocated_gb_s * (1 + 1e-9)
    assert used.allocated_gb_s == pytest.approx(sum(abs(a - b) / 1000 * memory / GIB for a, b, memory, *_ in generated))
