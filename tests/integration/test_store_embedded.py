"""The embedded store: one owner, its own files, and what it does when things go wrong around it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from collector.storage import StoreError, StoreLocked, StoreUnavailable, open_store
from tests.support.processes import REPOSITORY
from tests.support.rows import application_starts, tasks

OPEN_AND_SAY = """
import sys
from collector.storage import StoreError, open_store
try:
    open_store(sys.argv[1])
except StoreError as error:
    print(type(error).__name__, error, error.hint, sep="\\n")
"""


def open_elsewhere(directory: Path) -> list[str]:
    """Lines that another process prints when it opens the store."""
    command = [sys.executable, "-c", OPEN_AND_SAY, str(directory)]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout.splitlines()


def test_another_process_is_told_who_owns_the_store(tmp_path: Path) -> None:
    with open_store(tmp_path):
        kind, message, hint = open_elsewhere(tmp_path)
    assert kind == "StoreLocked"
    assert message == f"another process owns the store in `{tmp_path}` (process {os.getpid()})"
    assert "over HTTP" in hint
    assert open_elsewhere(tmp_path) == []


def test_the_same_process_cannot_open_it_twice(tmp_path: Path) -> None:
    with open_store(tmp_path), pytest.raises(StoreLocked, match="this process has the store"):
        open_store(tmp_path)


def test_one_process_cannot_open_two_directories_and_the_first_lives_on(tmp_path: Path) -> None:
    with open_store(tmp_path / "one") as store:
        with pytest.raises(StoreLocked, match="another embedded store open"):
            open_store(tmp_path / "two")
        assert store.rows("SELECT 1 AS one") == [{"one": 1}]
    with open_store(tmp_path / "two") as other:
        assert other.rows("SELECT 2 AS two") == [{"two": 2}]


def test_a_directory_that_cannot_be_locked_is_refused_with_a_hint(tmp_path: Path) -> None:
    (tmp_path / "data" / "lock").mkdir(parents=True)
    with pytest.raises(StoreError, match="Is a directory") as refused:
        open_store(tmp_path / "data")
    assert refused.value.hint


def test_data_outlives_the_process(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.insert("applications", application_starts("app-1"))
    with open_store(tmp_path) as store:
        assert store.rows("SELECT app_id FROM applications") == [{"app_id": "app-1"}]


def test_leftovers_of_a_killed_insert_are_wiped_at_the_next_start(tmp_path: Path) -> None:
    with open_store(tmp_path):
        pass
    leftover = tmp_path / "tmp" / "left.arrow"
    leftover.write_bytes(b"half a file")
    with open_store(tmp_path):
        assert not leftover.exists()


def test_inserts_leave_no_files_behind(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        store.insert("tasks", tasks("app-1", 10))
        assert list((tmp_path / "tmp").iterdir()) == []


def test_a_foreign_configuration_in_the_working_directory_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.xml").write_text("<clickhouse><max_server_memory_usage>1</max_server_memory_usage></clickhouse>")
    monkeypatch.chdir(tmp_path)
    with open_store(tmp_path / "data") as store:
        limit = store.rows("SELECT toUInt64(value) AS bytes FROM system.server_settings WHERE name = 'max_server_memory_usage'")
        assert limit[0]["bytes"] > 1 << 20


def test_memory_is_limited_below_the_machines(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        sql = (
            "SELECT name, toUInt64(value) AS bytes FROM system.server_settings WHERE name IN ('max_server_memory_usage', 'mark_cache_size')"
        )
        limits = {row["name"]: row["bytes"] for row in store.rows(sql)}
    machine_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    assert limits["max_server_memory_usage"] <= machine_bytes // 2
    assert limits["mark_cache_size"] == 256 << 20


def test_an_idle_engine_looks_at_its_memory_seldom(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        period = store.rows("SELECT toUInt64(value) AS ms FROM system.server_settings WHERE name = 'memory_worker_period_ms'")
    assert period == [{"ms": 1000}]


def test_tables_sync_each_insert_to_disk(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        sql = "SELECT name, engine_full FROM system.tables WHERE database = 'sparkledger' AND engine LIKE '%MergeTree'"
        engines = {row["name"]: row["engine_full"] for row in store.rows(sql)}
    assert "tasks" in engines
    assert [name for name, engine in engines.items() if "fsync_after_insert = 1, fsync_part_directory = 1" not in engine] == []


def test_a_forked_child_gets_an_error_instead_of_hanging(tmp_path: Path) -> None:
    code = """
import os, sys
from collector.storage import StoreError, open_store
store = open_store(sys.argv[1])
child = os.fork()
if child == 0:
    try:
        store.rows("SELECT 1")
    except StoreError as error:
        os._exit(7 if "forked" in str(error) else 1)
    os._exit(1)
_, status = os.waitpid(child, 0)
store.close()
print(os.waitstatus_to_exitcode(status))
"""
    command = [sys.executable, "-W", "ignore", "-c", code, str(tmp_path)]
    assert subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=900).stdout == "7\n"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("postgres://host/db", "`postgres` is no kind of store"),
        ("chdb://relative/dir", "names no absolute directory"),
        ("clickhouse://host/db?clutser=a", "unknown option `clutser`"),
        ("clickhouse://host/db?cluster=a';DROP", "is no cluster name"),
    ],
)
def test_a_url_of_another_kind_is_refused_with_a_hint(url: str, message: str) -> None:
    with pytest.raises(StoreError, match=message) as caught:
        open_store(url)
    assert caught.value.hint


def test_a_server_that_is_not_there_is_unavailable_and_its_password_stays_secret() -> None:
    with pytest.raises(StoreUnavailable) as caught:
        open_store("clickhouse://user:s3cret@127.0.0.1:1/db")
    assert "s3cret" not in f"{caught.value}{caught.value.hint}"


@contextmanager
def small_disk(path: Path, mebibytes: int) -> Iterator[Path]:
    path.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "tmpfs", str(path)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"cannot mount a small disk: {mounted.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", str(path)], check=True)


def test_a_full_disk_is_unavailable_and_what_was_acknowledged_stays(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 48) as disk:
        with open_store(disk / "data") as store:
            store.insert("tasks", tasks("app-disk", 1000))
            ballast = disk / "ballast"
            ballast.write_bytes(b"\0" * shutil.disk_usage(disk).free)
            with pytest.raises(StoreUnavailable, match=r"space|write"):
                store.insert("tasks", tasks("app-disk", 50_000, first_task_id=1000))
            ballast.unlink()
            store.insert("tasks", tasks("app-disk", 1000, first_task_id=1000))
        with open_store(disk / "data") as store:
            assert store.rows("SELECT count() AS n FROM tasks FINAL") == [{"n": 2000}]
