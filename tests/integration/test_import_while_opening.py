"""An import begins before its store is open, and ends as if it had waited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from collector.eventlog import Identity
from collector.eventlog.ranges import Piece
from collector.eventlog.sources import find_logs
from collector.importing import ImportedLog, import_sources
from collector.importing.decoders import Decoded, DecodeHere
from collector.importing.opening import OpeningStore
from collector.importing.progress import Silent
from collector.storage import Store, StoreLocked, open_store
from tests.support.wire import application_end, application_start, lines, task_ends


class Eager(DecodeHere):
    """Decodes before the store is open, and tells of each piece."""

    ahead = 1
    early = 2

    def __init__(self, told: Callable[[], None]) -> None:
        self._told = told

    def submit(self, piece: Piece, identity: Identity) -> Decoded:
        self._told()
        return super().submit(piece, identity)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log"
    path.write_bytes(lines(application_start("app-1"), task_ends(3)))
    return path


class Noted(Silent):
    """Progress that is kept among the other things that happen."""

    def __init__(self, happened: list[str]) -> None:
        self._happened = happened

    def read(self, size_bytes: int) -> None:
        self._happened.append(f"read {size_bytes}")


def imported(directory: Path, log: Path, opened: threading.Event, told: Callable[[], None]) -> ImportedLog:
    def opening() -> Store:
        assert opened.wait(60)
        return open_store(directory)

    with OpeningStore(opening) as store:
        (found,) = import_sources(list(find_logs(log)), store, store, Eager(told))
    return found


def tasks(directory: Path) -> int:
    with open_store(directory) as store:
        return int(store.rows("SELECT count() AS n FROM tasks FINAL")[0]["n"])


def test_decoding_does_not_wait_for_the_store(tmp_path: Path, log: Path) -> None:
    opened = threading.Event()
    found = imported(tmp_path / "store", log, opened, opened.set)
    assert (found.events, found.already_imported) == (4, False)
    again = imported(tmp_path / "store", log, opened, lambda: None)
    assert (again.events, again.already_imported) == (4, True)
    assert tasks(tmp_path / "store") == 3


def test_what_is_only_handed_out_is_no_progress(tmp_path: Path, log: Path) -> None:
    happened: list[str] = []
    with OpeningStore(lambda: open_store(tmp_path / "store")) as store:
        import_sources(list(find_logs(log)), store, store, Eager(lambda: happened.append("handed out")), Noted(happened))
    assert happened == ["handed out", f"read {log.stat().st_size}"]


def test_what_is_appended_meanwhile_is_imported_or_found_missing_later(tmp_path: Path, log: Path) -> None:
    opened = threading.Event()

    def append_once() -> None:
        if not opened.is_set():
            with log.open("ab") as file:
                file.write(lines(task_ends(1, first_task_id=3), application_end()))
            opened.set()

    imported(tmp_path / "store", log, opened, append_once)
    imported(tmp_path / "store", log, opened, lambda: None)
    assert tasks(tmp_path / "store") == 4


def test_store_that_cannot_be_opened_ends_the_import(tmp_path: Path, log: Path) -> None:
    def refused() -> Store:
        raise StoreLocked("in use")

    with pytest.raises(StoreLocked, match="in use"), OpeningStore(refused) as store:
        import_sources(list(find_logs(log)), store, store, DecodeHere())
    with pytest.raises(StoreLocked, match="in use"), OpeningStore(refused):
        pass
