"""Files that several applications read: what is a repeat, and what it took at most."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analyzer.s3.shared_reads import Read, shared_reads

GIB = 1 << 30


def read(
    run: str,
    read_bytes: float = GIB,
    location: str = "[s3a://lake/events]",
    files: int = 10,
    size_bytes: int = GIB,
    run_ms: float = 1000.0,
) -> Read:
    return Read((run, ""), f"pipeline of {run}", 0, location, files, size_bytes, "[]", read_bytes, run_ms)


def test_all_reads_but_the_largest_are_repeats_at_the_pace_of_the_fastest() -> None:
    (shared,) = shared_reads([read("a", run_ms=4000), read("b", GIB / 2, run_ms=1000), read("b", GIB / 4, run_ms=1000)])

    assert (shared.runs, shared.pipelines) == (2, ["pipeline of a", "pipeline of b"])
    assert shared.again_bytes == GIB * 0.75
    # The fastest read half a GiB a second.
    assert shared.again_task_ms == pytest.approx(1500)


def test_one_read_whose_bytes_were_not_counted_makes_an_upper_bound_of_all() -> None:
    (shared,) = shared_reads([read("a"), replace(read("b"), counted=False)])

    assert (shared.counted, shared_reads([read("a"), read("b")])[0].counted) == (False, True)


@pytest.mark.parametrize(
    "reads",
    [
        [read("a"), read("a")],
        [read("a"), read("b", files=11)],
        [read("a"), read("b", size_bytes=GIB + 1)],
        [read("a"), read("b", read_bytes=GIB / 20)],
        [read("a", location="[file:/data]"), read("b", location="[file:/data]")],
        [read("a", read_bytes=0, size_bytes=0), read("b", read_bytes=0, size_bytes=0)],
    ],
    ids=["one application", "files were added", "files were changed", "a count", "a local disk", "nothing to read"],
)
def test_what_is_no_repeat(reads: list[Read]) -> None:
    assert shared_reads(reads) == []
