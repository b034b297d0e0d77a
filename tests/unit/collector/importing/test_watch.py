"""What a watched directory is taken to have changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from collector.eventlog.sources import SourceNotFound
from collector.importing.watch import Watch, pauses


def names(watch: Watch) -> list[str]:
    changed = watch.changed()
    watch.imported(changed)
    return [source.name for source, _ in changed]


def test_new_grown_and_renamed_logs_are_changes_and_nothing_else_is(tmp_path: Path) -> None:
    watch = Watch([tmp_path])
    assert names(watch) == []
    log = tmp_path / "app-1.inprogress"
    log.write_bytes(b"{}\n")
    assert (names(watch), names(watch)) == (["app-1.inprogress"], [])
    with log.open("ab") as file:
        file.write(b"{}\n")
    assert (names(watch), names(watch)) == (["app-1.inprogress"], [])
    log.rename(tmp_path / "app-1")
    assert (names(watch), names(watch)) == (["app-1"], [])


def test_new_part_of_a_rolling_log_is_a_change(tmp_path: Path) -> None:
    folder = tmp_path / "eventlog_v2_app-1"
    folder.mkdir()
    (folder / "events_1_app-1").write_bytes(b"{}\n")
    watch = Watch([tmp_path])
    assert names(watch) == [folder.name]
    (folder / "appstatus_app-1.inprogress").write_bytes(b"")
    assert names(watch) == []
    (folder / "events_2_app-1").write_bytes(b"{}\n")
    assert names(watch) == [folder.name]


def test_change_that_was_not_imported_stays_one(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"{}\n")
    watch = Watch([tmp_path])
    assert len(watch.changed()) == len(watch.changed()) == 1


def test_what_is_written_during_the_import_is_another_change(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"{}\n")
    watch = Watch([tmp_path])
    changed = watch.changed()
    log.write_bytes(b"{}\n{}\n")
    watch.imported(changed)
    assert names(watch) == ["log"]


def test_same_size_at_another_time_is_a_change(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_bytes(b"{}\n")
    watch = Watch([tmp_path])
    names(watch)
    os.utime(log, ns=(1, 1))
    assert names(watch) == ["log"]


def test_absent_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFound):
        Watch([tmp_path / "nowhere"]).changed()


def test_pause_is_at_least_as_long_as_the_work() -> None:
    now = 0.0
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    rounds = pauses(2.0, sleep, lambda: now)
    for work_s in (0.5, 7.0, 0.0):
        next(rounds)
        now += work_s
    next(rounds)
    assert slept == [2.0, 7.0, 2.0]
