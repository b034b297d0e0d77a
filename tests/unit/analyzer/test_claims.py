"""Nothing is saved twice."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.rules.base import Application, ExecutorLife, Saving
from analyzer.rules.claims import Claim, clip


def application(allocated_core_s: float = 100, busy_core_s: float = 60, memory_gb_s: float = 400) -> Application:
    return Application(
        "a", "", "n", "3.5.3", 1000, True, int(allocated_core_s * 1000), int(busy_core_s * 1000), {}, allocated_memory_gb_s=memory_gb_s
    )


amounts = st.floats(0, 1000)
claims = st.builds(
    lambda pool, a, b, c, d: Claim(pool, Saving(min(a, b), max(a, b), "", min(c, d), max(c, d))),
    st.sampled_from(["idle", "busy", "memory", "none"]),
    amounts,
    amounts,
    amounts,
    amounts,
)


@given(
    wanted=st.lists(st.one_of(st.none(), claims), max_size=12),
    allocated=st.floats(0, 500),
    busy=st.floats(0, 800),
    memory=st.floats(0, 2000),
)
def test_claims_never_exceed_what_was_allocated(wanted: list[Claim | None], allocated: float, busy: float, memory: float) -> None:
    app = application(allocated, busy, memory)
    savings = [s for s in clip(app, wanted) if s]
    cores = sum(s.high_core_s for s in savings)
    kept_share = 1 - cores * 1000 / app.allocated_core_ms if app.allocated_core_ms else 1.0

    assert all(0 <= s.low_core_s <= s.high_core_s and s.low_memory_gb_s <= s.high_memory_gb_s for s in savings)
    assert cores <= app.allocated_core_ms / 1000 + 1e-6
    assert sum(s.high_memory_gb_s for s in savings if s.high_memory_gb_s) <= memory + 1e-6
    assert kept_share >= -1e-9


@st.composite
def idle_moments(draw: st.DrawFn) -> tuple[list[int], list[Claim]]:
    """Idle cores of four in each of eight seconds, and claims on spans of them that want no more than what is idle there."""
    idle = draw(st.lists(st.integers(0, 4), min_size=8, max_size=8))
    claimed = []
    for start, length in draw(st.lists(st.tuples(st.integers(0, 7), st.integers(1, 8)), max_size=6)):
        end = min(8, start + length)
        low, high = sorted((draw(st.floats(0, 1)), draw(st.floats(0, 1))))
        there = sum(idle[start:end])
        spans = ((start * 1000.0, end * 1000.0),)
        claimed.append(Claim("idle", Saving(low * there, high * there, "", spans=draw(st.sampled_from([spans, spans, ()])))))
    return idle, claimed


@given(idle_moments())
def test_every_idle_core_second_is_claimed_once(generated: tuple[list[int], list[Claim]]) -> None:
    """Claims can be met by moments of their own: no set of claims got more than is idle in all of its moments (Hall)."""
    idle, wanted = generated
    app = replace(application(32, 32 - sum(idle), 0), executors=(ExecutorLife("1", 4, 0, 8000),))
    savings = [s for s in clip(app, wanted) if s]

    for size in range(1, len(savings) + 1):
        for chosen in combinations(savings, size):
            moments = {
                second for s in chosen for start, end in s.spans or ((0, 8000),) for second in range(int(start) // 1000, int(end) // 1000)
            }
            there = sum(idle[second] for second in moments)
            assert sum(s.high_core_s for s in chosen) <= there + 1e-6
            assert sum(s.low_core_s for s in chosen) <= there + 1e-6


def test_idle_time_is_blamed_once_in_order() -> None:
    first, second = clip(application(), [Claim("idle", Saving(10, 15, "")), Claim("idle", Saving(20, 40, ""))])

    assert first is not None
    assert second is not None
    assert (first.low_core_s, first.high_core_s) == (10, 15)
    assert (second.low_core_s, second.high_core_s) == (10, 25)


def test_idle_time_at_another_time_is_claimed_as_well() -> None:
    app = replace(application(), executors=(ExecutorLife("1", 10, 0, 10_000),))
    early, late = clip(
        app, [Claim("idle", Saving(10, 15, "", spans=((0, 3000),))), Claim("idle", Saving(5, 20, "", spans=((3000, 9000),)))]
    )

    assert early is not None
    assert late is not None
    assert (early.high_core_s, late.low_core_s, late.high_core_s) == (15, 5, 20)


def test_busy_time_is_another_pool() -> None:
    _, busy = clip(application(), [Claim("idle", Saving(40, 40, "")), Claim("busy", Saving(50, 90, ""))])

    assert busy is not None
    assert (busy.low_core_s, busy.high_core_s) == (50, 60)


def test_memory_of_cores_that_are_freed_is_not_saved_again() -> None:
    _, memory = clip(application(), [Claim("idle", Saving(40, 40, "")), Claim("memory", Saving(0, 0, "", 100, 200))])

    assert memory is not None
    assert (memory.low_memory_gb_s, memory.high_memory_gb_s) == (pytest.approx(60), pytest.approx(120))
