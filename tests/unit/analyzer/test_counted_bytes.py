"""What tasks read of a scan: the count where it can be all, else the most that it may have been."""

from __future__ import annotations

from typing import Any

import pytest

from analyzer.rules.storage.counted import MAX_PARTITION, OPEN_COST, VECTORED, not_counted, read_bytes, uncounted_splits

MIB, GIB = 1 << 20, 1 << 30
SCAN: dict[str, Any] = {"format": "Parquet", "read_schema": "struct<a:int>", "output_rows": 10, "files": 800, "size_bytes": 100 * GIB}


def splits(line: tuple[int, int] = (4, 3), conf: dict[str, str] | None = None, **scan: Any) -> float:
    return uncounted_splits(line, conf or {}, {**SCAN, **scan})


@pytest.mark.parametrize(
    "found",
    [
        splits((4, 0)),
        splits((0, 0)),
        splits(conf={VECTORED: " False"}),
        splits(format="ORC"),
        splits(read_schema="struct<>"),
        splits(read_schema=""),
        splits(output_rows=0),
    ],
    ids=["before 4.1", "an unknown Spark", "switched off", "another format", "a count", "no schema", "no rows"],
)
def test_where_bytes_are_counted(found: float) -> None:
    assert found == 0


def test_splits_are_the_fewest_that_the_settings_allow() -> None:
    # Each is full at 128 MiB before the 4 MiB for its last file.
    assert splits((4, 1)) == pytest.approx((100 * 1024 + 800 * 4) / 132)
    assert splits(conf={MAX_PARTITION: "1g", OPEN_COST: str(8 * MIB), VECTORED: "true"}) == pytest.approx((100 * 1024 + 800 * 8) / 1032)
    assert splits(size_bytes=MIB, files=1) == 1
    # Files of 1.1 GiB that cost 1,400 MiB to open each are six splits, however little would fit beside them.
    assert splits(conf={MAX_PARTITION: "1500m", OPEN_COST: "1400m"}, size_bytes=7_080_442_434, files=6) <= 6


def test_what_a_real_scan_of_spark_4_3_read() -> None:
    whole = splits(size_bytes=628_566_650, files=10)

    assert read_bytes(20_060, 628_566_650, 5, whole) == 628_566_650


def test_a_preview_read_the_part_that_its_tasks_are_of_the_splits() -> None:
    assert read_bytes(4096, 100 * GIB, 4, 800) == pytest.approx(GIB / 2)


def test_counted_bytes_stand_where_they_can_be_all() -> None:
    assert read_bytes(6 * GIB, 100 * GIB, 800, 800) == 6 * GIB
    assert read_bytes(GIB, 100 * GIB, 8, 800) == GIB
    assert read_bytes(4096, 100 * GIB, 800, 0) == 4096


def test_evidence_tells_only_what_was_not_counted() -> None:
    assert [(e.name, e.value, e.unit) for e in not_counted(12.4)] == [("not_counted_at_most", 12, "By")]
    assert list(not_counted(0)) == []
