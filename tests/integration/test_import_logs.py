"""Logs become rows of a real store, once."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard

from collector.eventlog import decode
from collector.eventlog.schemas import SCHEMAS
from collector.eventlog.sources import LogSource
from collector.importing import ImportedLog, StoreCatalog, import_paths
from collector.storage import BackPressure, Store, StoreError, open_store
from collector.storage.writer import Writer
from tests.support.stores import emptied


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with open_store(tmp_path_factory.mktemp("import") / "store") as opened:
        yield opened


@pytest.fixture
def store(shared_store: Store) -> Store:
    return emptied(shared_store)


@pytest.fixture
def writer(store: Store) -> Iterator[Writer]:
    opened = Writer(store)
    yield opened
    opened.close()


def log(app_id: str = "app-1", start: int = 1_600_000_000_000, tasks: int = 3, **start_fields: Any) -> bytes:
    """A small whole log."""
    events: list[dict[str, Any]] = [
        {"Event": "SparkListenerLogStart", "Spark Version": "3.5.3"},
        {"Event": "SparkListenerApplicationStart", "App ID": app_id, "App Name": "n", "Timestamp": start, **start_fields},
    ]
    for number in range(tasks):
        info = {"Task ID": number, "Launch Time": start + number, "Finish Time": start + number + 10}
        events.append({"Event": "SparkListenerTaskEnd", "Stage ID": 0, "Task End Reason": {"Reason": "Success"}, "Task Info": info})
    events.append({"Event": "SparkListenerApplicationEnd", "Timestamp": start + 100})
    return b"".join(json.dumps(event, separators=(",", ":")).encode() + b"\n" for event in events)


def run(store: Store, writer: Writer, *paths: Path) -> list[ImportedLog]:
    return import_paths(paths, writer, StoreCatalog(store))


def count(store: Store, table: str) -> int:
    return int(store.rows(f"SELECT count() AS n FROM {table} FINAL")[0]["n"])


def written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def test_log_becomes_rows_and_a_record(store: Store, writer: Writer, tmp_path: Path) -> None:
    path = written(tmp_path / "in" / "app-1", log() + b'{"Event":\n{"Event":"com.example.Surprise"}\n')
    (found,) = run(store, writer, path)
    assert found == ImportedLog(str(path), "app-1", "", 7, 1, 1, first_error=found.first_error, bad=(found.first_error,))
    assert found.first_error.startswith("line 7: ")
    (record,) = store.rows("SELECT * EXCEPT (received_at, batch_id) FROM ingest_batches")
    assert record == {
        "app_id": "app-1",
        "attempt_id": "",
        "source": "log",
        "seq": 0,
        "events": 7,
        "bad_lines": 1,
        "unknown_events": 1,
        "dropped_events": 0,
        "body_bytes": path.stat().st_size,
        "path": str(path),
        "complete": True,
        "first_error": found.first_error,
        "counted_events": {},
        "malformed_lines": 0,
        "last_line_cut": False,
        "stream_errors": [],
        "codecs": {"plain": 1},
        "stored_bytes": path.stat().st_size,
    }
    assert count(store, "tasks") == 3


def test_damage_to_a_compressed_log_is_on_record(store: Store, writer: Writer, tmp_path: Path) -> None:
    run(store, writer, written(tmp_path / "in" / "app-1", gzip.compress(log()) + b"garbage after the end"))
    (record,) = store.rows("SELECT codecs, stream_errors, last_line_cut, complete, events FROM ingest_batches")
    (error,) = record.pop("stream_errors")
    assert error.startswith("gzip stream is damaged")
    assert record == {"codecs": {"gzip": 1}, "last_line_cut": False, "complete": False, "events": 6}


def test_importing_again_changes_nothing(store: Store, writer: Writer, tmp_path: Path) -> None:
    path = written(tmp_path / "in" / "app-1", log())
    (first,) = run(store, writer, path)
    copied = written(tmp_path / "in" / "copy", log())
    again, copy = run(store, writer, path, copied)
    assert (first.already_imported, again.already_imported, copy.already_imported) == (False, True, True)
    assert (again.app_id, again.events) == ("app-1", first.events)
    assert store.rows("SELECT count() AS n FROM tasks") == [{"n": 3}]


def test_twins_in_other_codecs_are_one_run(store: Store, writer: Writer, tmp_path: Path) -> None:
    data = log()
    paths = [
        written(tmp_path / "in" / name, twin) for name, twin in (("a", data), ("b", gzip.compress(data)), ("c", zstandard.compress(data)))
    ]
    logs = run(store, writer, *paths)
    assert [log.skipped for log in logs] == ["", "", ""]
    assert count(store, "tasks") == 3
    assert count(store, "applications") == 3


@pytest.mark.parametrize("together", [True, False])
def test_other_run_of_the_same_id_is_not_mixed_in(store: Store, writer: Writer, tmp_path: Path, together: bool) -> None:
    first, second = written(tmp_path / "in" / "a", log()), written(tmp_path / "in" / "b", log(start=1_700_000_000_000, tasks=5))
    logs = run(store, writer, first, second) if together else [*run(store, writer, first), *run(store, writer, second)]
    assert not logs[0].skipped
    assert "another run of `app-1`" in logs[1].skipped
    assert count(store, "tasks") == 3


def test_attempts_are_kept_apart(store: Store, writer: Writer, tmp_path: Path) -> None:
    for number, start in ((1, 1_600_000_000_000), (2, 1_700_000_000_000)):
        written(tmp_path / "in" / str(number), log(start=start, **{"App Attempt ID": str(number)}))
    logs = run(store, writer, tmp_path / "in")
    assert [(log.attempt_id, log.skipped) for log in logs] == [("1", ""), ("2", "")]
    assert count(store, "tasks") == 6


def test_log_without_an_id_takes_that_of_its_name(store: Store, writer: Writer, tmp_path: Path) -> None:
    data = log().replace(b'"App ID":"app-1",', b"")
    (found,) = run(store, writer, written(tmp_path / "in" / "app-20150427150733-0000_2.inprogress", data))
    assert (found.app_id, found.attempt_id) == ("app-20150427150733-0000", "2")
    assert store.rows("SELECT DISTINCT app_id, attempt_id FROM tasks") == [{"app_id": "app-20150427150733-0000", "attempt_id": "2"}]


def test_cut_log_is_incomplete(store: Store, writer: Writer, tmp_path: Path) -> None:
    (found,) = run(store, writer, written(tmp_path / "in" / "app-1.inprogress", log()[:-20]))
    assert (found.incomplete, found.bad_lines, found.events) == (True, 0, 5)
    assert store.rows("SELECT complete FROM ingest_batches") == [{"complete": False}]


def test_files_that_are_no_logs_are_skipped_with_a_reason(store: Store, writer: Writer, tmp_path: Path) -> None:
    for name, data in (("a.txt", b"hello\n"), ("b.lz4", b"LZ4Block\x00"), ("c", b""), ("d", log()), ("e.zip", b"PK\x03\x04 not really")):
        written(tmp_path / "in" / name, data)
    reasons = {Path(log.path).name: log.skipped for log in run(store, writer, tmp_path / "in")}
    assert reasons["a.txt"].startswith("holds no Spark events: line 1")
    assert reasons["b.lz4"] == "holds no Spark events: lz4 stream is unfinished"
    assert reasons["e.zip"].startswith("holds no Spark events")
    assert reasons["c"] == "holds no Spark events"
    assert reasons["d"] == ""


def test_name_that_is_no_text_is_imported_all_the_same(store: Store, writer: Writer, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"log-\xe9")
    path.write_bytes(log())
    (found,) = run(store, writer, path)
    assert (found.path, found.events, found.skipped) == (str(tmp_path / "log-?"), 6, "")


def test_progress_sees_every_log_and_byte(store: Store, writer: Writer, tmp_path: Path) -> None:
    for name in ("a", "b"):
        written(tmp_path / "in" / name, log(app_id=name))

    class Recorder:
        def __init__(self) -> None:
            self.total = self.done = 0
            self.names: list[str] = []

        def found(self, sources: list[LogSource]) -> None:
            self.total = sum(source.size_bytes for source in sources)

        def started(self, source: LogSource) -> None:
            self.names.append(f"+{source.name}")

        def read(self, size_bytes: int) -> None:
            self.done += size_bytes

        def finished(self, log: ImportedLog) -> None:
            self.names.append(f"-{Path(log.path).name}")

    recorder = Recorder()
    import_paths([tmp_path / "in"], writer, StoreCatalog(store), recorder)
    assert recorder.done == recorder.total > 0
    assert recorder.names == ["+a", "-a", "+b", "-b"]


def test_failing_sink_stops_the_import(store: Store, tmp_path: Path) -> None:
    class Broken:
        def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
            future: Future[None] = Future()
            future.set_exception(StoreError("disk full"))
            return future

    with pytest.raises(StoreError, match="disk full"):
        import_paths([written(tmp_path / "in" / "a", log())], Broken(), StoreCatalog(store))


def test_full_sink_is_waited_for(store: Store, writer: Writer, tmp_path: Path) -> None:
    class Full:
        refusals = 2

        def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
            if self.refusals:
                self.refusals -= 1
                raise BackPressure("full", retry_after_s=0)
            return writer.write(tables)

    import_paths([written(tmp_path / "in" / "a", log())], Full(), StoreCatalog(store))
    assert count(store, "tasks") == 3


def test_long_log_is_imported_in_pieces(store: Store, writer: Writer, tmp_path: Path) -> None:
    padding = json.dumps({"Event": "SparkListenerBlockUpdated", "x": "y" * 1000}).encode() + b"\n"
    data = log(tasks=500) + padding * 20_000 + b'{"Event":\n'
    (found,) = run(store, writer, written(tmp_path / "in" / "app-1", data))
    assert (found.events, found.bad_lines) == (503 + 20_000, 1)
    assert found.first_error.startswith("line 20504: ")
    assert count(store, "tasks") == 500
    assert store.rows("SELECT body_bytes AS n FROM ingest_batches") == [{"n": len(data)}]


def test_real_logs_arrive_whole(event_logs: Path, expected_facts: dict[str, dict[str, Any]], store: Store, writer: Writer) -> None:
    logs = [log for log in run(store, writer, event_logs) if not log.skipped]
    counts = {
        (row["app_id"], row["attempt_id"]): row["n"]
        for row in store.rows("SELECT app_id, attempt_id, count() AS n FROM tasks FINAL GROUP BY app_id, attempt_id")
    }
    expected = {(f["app"]["id"], f["app"]["attempt"] or ""): f["task_ends"] for f in expected_facts.values() if not f["last_line_partial"]}
    assert counts == expected
    assert len(logs) == 20
    metadata = store.rows("SELECT metadata['Location'] AS location FROM sql_plan_nodes WHERE metadata['Location'] != '' LIMIT 1")
    assert metadata
    assert metadata[0]["location"]


def numbers(store: Store) -> dict[str, Any]:
    """What anybody would count: rows of each table of events without their repetitions, and sums over tasks."""
    sums = ", ".join(f"sum({column})" for column in ("duration_ms", "executor_run_time_ms", "input_bytes_read", "shuffle_bytes_written"))
    counts = {name: count(store, name) for name in SCHEMAS if name != "ingest_batches"}
    return {"sums": store.rows(f"SELECT {sums} FROM tasks FINAL"), **counts}


def test_importing_real_logs_twice_changes_no_number(event_logs: Path, store: Store, writer: Writer, tmp_path: Path) -> None:
    run(store, writer, event_logs)
    before = numbers(store)
    assert all(log.already_imported for log in run(store, writer, event_logs) if not log.skipped)
    assert numbers(store) == before
    # Other bytes of the same run are read again.
    path = event_logs / "synccomputingcode__syncsparkpy" / "application_1678162862227_0001"
    (again,) = run(store, writer, written(tmp_path / path.name, path.read_bytes() + b"\n"))
    assert not again.already_imported
    assert again.events > 0
    assert numbers(store) == before


def test_every_value_survives_the_store(event_logs: Path, store: Store, writer: Writer) -> None:
    path = event_logs / "synccomputingcode__syncsparkpy" / "application_1678162862227_0001"
    decoded = decode(path.read_bytes())
    run(store, writer, path)
    for name, table in decoded.tables.items():
        columns = ", ".join(f"toString({c}) AS {c}" if c in ("event", "source") else c for c in table.column_names)
        stored = texts(store.query(f"SELECT {columns} FROM {name} FINAL"))
        # Replaced rows are gone: the submission of a completed stage, a lower total of a metric.
        assert stored <= texts(table), name
        assert stored, name


def texts(table: pa.Table) -> set[str]:
    rows = (tuple(dict(v) if k == "metadata" else v for k, v in row.items()) for row in table.to_pylist())
    return {repr(row).replace("zoneinfo.ZoneInfo(key='UTC')", "UTC").replace("datetime.timezone.utc", "UTC") for row in rows}


def test_processes_change_no_row(store: Store, writer: Writer, tmp_path: Path) -> None:
    paths = [written(tmp_path / "in" / name, log(app_id=name, tasks=50)) for name in ("a", "b")]
    written(tmp_path / "in" / "c", gzip.compress(log(app_id="c", tasks=50)))
    written(tmp_path / "in" / "d", paths[0].read_bytes())
    logs = import_paths([tmp_path / "in"], writer, StoreCatalog(store), processes=2)
    assert [(log.app_id, log.events, log.already_imported, log.skipped) for log in logs] == [
        ("a", 53, False, ""),
        ("b", 53, False, ""),
        ("c", 53, False, ""),
        ("a", 53, True, ""),
    ]
    assert count(store, "tasks") == 150


def test_import_that_was_broken_off_goes_on_and_doubles_nothing(store: Store, writer: Writer, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        written(tmp_path / "in" / name, log(app_id=name))

    class Dying:
        batches = 0

        def write(self, tables: Mapping[str, pa.Table]) -> Future[None]:
            self.batches += 1
            if self.batches > 1:
                raise StoreError("killed here")
            durable = writer.write(tables)
            durable.result()
            return durable

    with pytest.raises(StoreError, match="killed here"):
        import_paths([tmp_path / "in"], Dying(), StoreCatalog(store))
    logs = run(store, writer, tmp_path / "in")
    assert [log.already_imported for log in logs] == [True, False, False]
    assert store.rows("SELECT count() AS n FROM tasks") == [{"n": 9}]


def test_log_that_grows_is_counted_once(store: Store, writer: Writer, tmp_path: Path) -> None:
    whole = log(tasks=10)
    ends = [number + 1 for number, byte in enumerate(whole) if byte == ord("\n")]
    for end in (ends[4], ends[7], len(whole)):
        (found,) = run(store, writer, written(tmp_path / "in" / "app-1.inprogress", whole[:end]))
        assert not found.already_imported
    assert count(store, "tasks") == 10
    assert store.rows("SELECT events FROM ingest_totals") == [{"events": 13}]


def test_bad_lines_of_a_rolled_log_are_numbered_through(store: Store, writer: Writer, tmp_path: Path) -> None:
    folder = tmp_path / "in" / "eventlog_v2_app-1"
    written(folder / "events_1_app-1", log() + b"{bad\n")
    written(folder / "events_2_app-1.zstd", zstandard.compress(b'{"Event":"SparkListenerBlockUpdated"}\n{worse\n'))
    (found,) = run(store, writer, tmp_path / "in")
    assert (found.bad_lines, found.events) == (2, 7)
    assert [text.split(":")[0] for text in found.bad] == ["line 7", "line 9"]
