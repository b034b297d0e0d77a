"""Requests and waiting of scans and writes: what was counted stays as it is, and nothing is told twice."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analyzer.cost.book import load_price_book
from analyzer.s3.accesses import Access, Stage
from analyzer.s3.estimate import read_requests, write_requests
from analyzer.s3.requests import CountedStage, Range, Requests, bucket_of, counted_requests
from analyzer.s3.use import s3_use

BOOK = load_price_book()
GIB = 1 << 30


def stage(key: int = 0, *, tasks: int = 100, wait_ms: int = 1_000_000, read: int = GIB, wrote: int = 0, execution: int = 0) -> Stage:
    return Stage((key, 0), f"stage {key}", tasks, wait_ms, read, wrote, execution, "", True)


def scan(place: str = "s3://lake/a", files: int = 100, size_bytes: int = GIB, ran: tuple[int, ...] = (0,), execution: int = 0) -> Access:
    return Access(place, False, execution, files, size_bytes, 0, "CSV", 0, tuple((key, 0) for key in ran))


def write(files: int, size_bytes: int, execution: int = 0) -> Access:
    return Access("s3://mart/b", True, execution, files, size_bytes, 0)


def counted(**counters: int) -> CountedStage:
    return CountedStage(counters.pop("tasks", 100), {name.replace("__", "."): value for name, value in counters.items()})


stages_st = st.lists(
    st.builds(
        Stage,
        key=st.tuples(st.integers(0, 5), st.just(0)),
        name=st.just("s"),
        tasks=st.integers(1, 1000),
        wait_ms=st.integers(0, 10**8),
        input_bytes=st.integers(0, 10**12),
        output_bytes=st.integers(0, 10**12),
        sql_execution_id=st.integers(0, 2),
        path=st.sampled_from(["", "s3://lake/rdd"]),
        reads_files=st.booleans(),
    ),
    max_size=6,
    unique_by=lambda s: s.key,
)
accesses_st = st.lists(
    st.builds(
        Access,
        place=st.sampled_from(["s3://lake/a", "s3://lake/b"]),
        writes=st.booleans(),
        execution_id=st.integers(0, 2),
        files=st.integers(0, 10**5),
        size_bytes=st.integers(0, 10**12),
        partitions=st.integers(0, 1000),
        file_format=st.sampled_from(["Parquet", "CSV"]),
        columns=st.integers(0, 200),
        stages=st.lists(st.tuples(st.integers(0, 7), st.just(0)), max_size=2, unique=True).map(tuple),
        uncounted_splits=st.floats(0, 10**4),
    ),
    max_size=5,
)
counted_st = st.dictionaries(
    st.tuples(st.integers(0, 5), st.just(0)),
    st.builds(
        CountedStage,
        tasks=st.integers(0, 1000),
        counters=st.fixed_dictionaries(
            {"action_http_get_request": st.integers(0, 10**6), "action_http_get_request.time_ms": st.integers(0, 10**8)}
        ),
    ),
)


@given(stages=stages_st, accesses=accesses_st, told=counted_st, task_cpus=st.integers(1, 4))
def test_places_and_stages_tell_the_same_waiting_and_no_more_than_there_was(
    stages: list[Stage], accesses: list[Access], told: dict[tuple[int, int], CountedStage], task_cpus: int
) -> None:
    use = s3_use(stages, accesses, told, (), task_cpus)

    with_places = [s for s in use.stages if s.places]
    for end in ("low", "high"):
        of_places = sum(getattr(p.wait_core_ms, end) for p in use.places)
        assert of_places == pytest.approx(sum(getattr(s.wait_core_ms, end) for s in with_places))
    assert use.wait_core_ms.high <= sum(s.wait_ms for s in stages) * task_cpus + 1e-6
    assert all(0 <= p.wait_core_ms.low <= p.wait_core_ms.high for p in use.places)
    assert all(s.wait_core_ms.low <= s.wait_core_ms.high and s.gets.low <= s.gets.high for s in use.stages)
    for place in use.places:
        for kind in (place.requests.get, place.requests.head, place.requests.listing, place.requests.write):
            assert 0 <= kind.low <= kind.high + 1e-6


def test_gets_of_places_sum_to_those_of_the_stages_that_read_them() -> None:
    stages = [stage(0), stage(1, tasks=50, execution=1)]
    use = s3_use(
        stages, [scan(), scan("s3://lake/b", files=10, ran=(0, 1)), scan(ran=(1,))], {(1, 0): counted(action_http_get_request=700)}, (), 1
    )

    of_places, of_stages = (sum((one.requests.get for one in many), Range()) for many in (use.places, use.stages))
    assert of_places.low == pytest.approx(of_stages.low)
    assert of_places.high == pytest.approx(of_stages.high)
    assert {s.stage.key: s.counted for s in use.stages} == {(0, 0): False, (1, 0): True}
    assert [p.counted for p in use.places] == [False, False]


def test_what_was_counted_is_exact() -> None:
    buckets = [bucket_of("lake", {"action_http_get_request": 412, "action_http_head_request": 12, "object_list_request": 3})]
    told = {(0, 0): counted(action_http_get_request=400, action_http_get_request__time_ms=9_000)}
    use = s3_use([stage()], [scan()], told, buckets, 2)

    (place,) = use.places
    assert (place.requests.get, place.counted) == (Range(400, 400), True)
    assert place.requests.head.high == 12  # no more than the bucket had
    assert use.requests == Requests(get=Range(412, 412), head=Range(12, 12), listing=Range(3, 3))
    assert use.requests.usd(BOOK).low == use.requests.usd(BOOK).high == pytest.approx(424 * 0.0004 / 1000 + 3 * 0.005 / 1000)
    assert use.wait_core_ms == Range(2 * 9_000, 2 * 1_000_000)


def test_ranges_that_ran_at_once_may_have_been_waited_for_together() -> None:
    told = {(0, 0): counted(action_http_get_request=400, action_http_get_request__time_ms=8_000, stream_read_vectored_operations=9)}

    assert s3_use([stage()], [scan()], told, (), 1).wait_core_ms.low == 2_000


def test_task_ends_that_were_not_counted_may_have_asked_as_much() -> None:
    told = {(0, 0): counted(tasks=80, action_http_get_request=400)}

    assert s3_use([stage(tasks=100)], [scan()], told, (), 1).stages[0].gets == Range(400, 500)


def test_a_stage_never_waits_longer_than_its_tasks_did() -> None:
    assert s3_use([stage(wait_ms=500)], [scan(files=100_000)], {}, (), 1).wait_core_ms == Range(500, 500)


def test_a_scan_without_metrics_belongs_to_the_reading_stages_of_its_execution() -> None:
    stages = [stage(0, execution=3), stage(1, execution=3, read=0, wrote=GIB), stage(2, execution=4)]
    use = s3_use(stages, [scan(ran=(), execution=3), write(10, GIB, execution=3)], {}, (), 1)

    assert {s.stage.key: s.places for s in use.stages} == {(0, 0): ["s3://lake/a"], (1, 0): ["s3://mart/b"]}


def test_a_scan_that_never_ran_asked_for_no_data() -> None:
    (place,) = s3_use([], [scan(ran=())], {}, (), 1).places

    assert place.requests.get == Range()
    assert place.requests.listing.high > 0


def test_files_on_s3_without_a_plan_are_a_place_too() -> None:
    rdd = Stage((0, 0), "textFile", 40, 10_000, GIB, 0, -1, "s3://lake/logs", True)
    (place,) = s3_use([rdd], [], {}, (), 1).places

    assert (place.place, place.files, place.requests.get.low) == ("s3://lake/logs", 0, 40)


def test_small_files_are_opened_each_however_few_tasks_read_them() -> None:
    many = Access("s3://lake/a", False, 0, 25_000, 10 * GIB, 0, "JSON")

    assert read_requests(many, tasks=400, counted_bytes=10 * GIB).get == Range(25_000, 2 * (25_000 + 400) + 10 * GIB / (8 << 20))


def test_a_limit_that_stopped_early_opened_few_of_the_files() -> None:
    many = Access("s3://lake/a", False, 0, 25_000, 10 * GIB, 0, "JSON")

    assert read_requests(many, tasks=1, counted_bytes=GIB / 100).get.low == pytest.approx(25)


def test_columns_of_a_columnar_file_are_fetched_each_at_most() -> None:
    one = Access("s3://lake/a", False, 0, 1, 64 << 20, 0, "Parquet", columns=5)
    found = read_requests(one, tasks=1, counted_bytes=64 << 20).get

    # Two opens, four row groups: 2 GETs each, 5 columns each, and 8 pieces of 8 MiB.
    assert found == Range(1, 2 * 2 + (2 + 2) * 5 + 8)


def test_bytes_that_were_not_counted_raise_the_most_and_not_the_least() -> None:
    table = Access("s3://lake/a", False, 0, 100, 8 * GIB, 0, "Parquet", columns=5)
    told, hidden = (read_requests(scan, 64, 100_000).get for scan in (table, replace(table, uncounted_splits=64.0)))

    assert hidden.low == told.low
    assert hidden.high == pytest.approx(read_requests(table, 64, 8 * GIB).get.high)


def test_waiting_of_a_stage_that_also_writes_is_not_taken_for_the_writes_where_what_it_read_was_not_counted() -> None:
    copied = [replace(scan(), uncounted_splits=8.0), write(100, GIB)]
    read, written = s3_use([stage(read=10_000, wrote=GIB)], copied, {}, (), 1).places

    assert read.wait_core_ms.high == pytest.approx(written.wait_core_ms.high)


def test_writing_is_one_put_a_file_at_least() -> None:
    small, large = write_requests(100, 1 << 20, 0), write_requests(1, GIB, 0)

    assert (small.write.low, large.write.low) == (100, 8)
    assert write_requests(0, 0, 0) == Requests()


def test_uploads_in_parts_are_begun_and_ended_by_a_post() -> None:
    counters = {"object_put_request": 20, "object_multipart_initiated": 4, "object_multipart_aborted": 1, "object_copy_requests": 2}

    assert counted_requests(counters).write == Range(20 + 4 + 3 + 2, 29)


def test_the_books_prices_are_those_of_s3_standard() -> None:
    assert Requests(get=Range(1e6, 1e6)).usd(BOOK).low == pytest.approx(0.40)
    assert Requests(write=Range(1e6, 1e6)).usd(BOOK).low == pytest.approx(5.00)


def test_gets_of_analytics_streams_are_a_range() -> None:
    assert counted_requests({"action_http_get_request": 12}).get == Range(12, 12)
    assert counted_requests({"action_http_get_request": 12, "stream_read_analytics_opened": 25}).get == Range(12, 37)
