"""Real logs as other writers would have left them: the same rows, or the loss is said."""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collector.eventlog import Identity, decode
from collector.eventlog.batch import DecodedBatch
from collector.eventlog.codecs import StreamState
from collector.eventlog.identity import completed_by_file, find_identity
from collector.eventlog.sources import LogSource, find_logs
from tests.conftest import EVENT_LOGS

LOGS = (
    "apache__spark/spark-events/local-1422981780767",
    "apache__spark/spark-events/app-20200706201101-0003",
    "apache__spark/spark-events/application_1628109047826_1317105",
    "apache__spark/sql-spark-events/local-1596020211915",
    "DistributedSystemsGroup__SparkEvents/app-20150427150733-0000.inprogress",
    "kubeflow__mcp-apache-spark-history-server/e2e/application_1713000000000_0001_1.zstd",
    "NVIDIA__spark-rapids-tools/spark-events-qualification/multiple_attempts/attempt_1_eventlog.zstd",
)
APP = "app-20200706201101-0003"
METRICS = ("Task Metrics", "Task Executor Metrics", "Executor Metrics")
Rows = dict[str, Counter[str]]

pytestmark = pytest.mark.skipif(not EVENT_LOGS.is_dir(), reason=f"no event logs at {EVENT_LOGS}: they are not part of the repository")


@pytest.fixture(scope="module", params=LOGS)
def lines(request: pytest.FixtureRequest) -> list[bytes]:
    return content(EVENT_LOGS / request.param).splitlines()


@pytest.fixture(scope="module")
def original(lines: list[bytes]) -> DecodedBatch:
    batch = decode(joined(lines))
    assert batch.bad_line_count == 0
    return batch


def content(path: Path) -> bytes:
    (source,) = find_logs(path)
    return b"".join(source.chunks(StreamState()))


def joined(lines: list[bytes], end: bytes = b"\n") -> bytes:
    return b"".join(line + end for line in lines)


def rows(batch: DecodedBatch) -> Rows:
    """Rows without their order, maps without that of their keys."""
    return {
        name: Counter(repr({k: sorted(v) if k == "metadata" else v for k, v in row.items()}) for row in table.to_pylist())
        for name, table in batch.tables.items()
    }


def rewritten(lines: list[bytes], change: Callable[[Any], Any], **style: Any) -> bytes:
    return joined([json.dumps(change(json.loads(line)), **style).encode() for line in lines])


def same(value: Any) -> Any:
    return value


def everywhere(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Callable[[Any], Any]:
    """A change of every JSON object, the innermost first."""

    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return change({key: walk(item) for key, item in value.items()})
        return [walk(item) for item in value] if isinstance(value, list) else value

    return walk


def backwards(value: dict[str, Any]) -> dict[str, Any]:
    return dict(reversed(value.items()))


def null_for_nothing(value: dict[str, Any]) -> dict[str, Any]:
    """What Spark writes as 0, [] or {} within metrics, and empty lists anywhere, as null."""

    def nulls(item: Any) -> Any:
        return {k: nulls(v) for k, v in item.items()} if isinstance(item, dict) and item else item or None

    return {key: nulls(item) if key in METRICS or item == [] else item for key, item in value.items()}


def swapped_accumulators(value: dict[str, Any]) -> dict[str, Any]:
    """Values of accumulators as numbers where they are texts, and the other way round."""
    item = value.get("Value")
    if "Metadata" not in value or value["Metadata"] != "sql" or item is None:
        return value
    return {**value, "Value": int(item) if isinstance(item, str) else str(item)}


def test_style_of_the_json_does_not_matter(lines: list[bytes], original: DecodedBatch) -> None:
    for style in ({"separators": (",", ":")}, {"separators": (" , ", "\t: ")}, {"ensure_ascii": False}):
        assert rows(decode(rewritten(lines, same, **style))) == rows(original)


def test_order_of_keys_does_not_matter(lines: list[bytes], original: DecodedBatch) -> None:
    assert rows(decode(rewritten(lines, everywhere(backwards)))) == rows(original)


def test_escaped_letters_are_letters(lines: list[bytes], original: DecodedBatch) -> None:
    escaped = [line.replace(b"S", rb"\u0053").replace(b"E", rb"\u0045").replace(b"T", rb"\u0054") for line in lines]
    # `find_identity` looks for the event's name as it is; what posts such a log names the application.
    assert rows(decode(joined(escaped), original.identity)) == rows(original)


def test_keys_of_other_distributions_do_not_matter(lines: list[bytes], original: DecodedBatch) -> None:
    def extra(value: dict[str, Any]) -> dict[str, Any]:
        return {"com.databricks.extra": {"deep": [1, None, {"x": 2.5}]}, **value, "Zzz": "9" * 30}

    # Maps of settings and of a scan's metadata keep what they are given, so only the events themselves and their infos get more.
    changed = [
        {k: extra(v) if k in ("Task Info", "Task Metrics", "Stage Info") else v for k, v in extra(json.loads(line)).items()}
        for line in lines
    ]
    assert rows(decode(joined([json.dumps(event).encode() for event in changed]))) == rows(original)


def test_null_is_nothing(lines: list[bytes], original: DecodedBatch) -> None:
    batch = decode(rewritten(lines, everywhere(null_for_nothing)))
    assert batch.bad_lines == []
    assert rows(batch) == rows(original)


def test_accumulators_may_be_texts_or_numbers(lines: list[bytes], original: DecodedBatch) -> None:
    assert rows(decode(rewritten(lines, everywhere(swapped_accumulators)))) == rows(original)


def test_half_of_a_surrogate_pair_costs_its_letter_only(lines: list[bytes], original: DecodedBatch) -> None:
    name = next(json.loads(line)["App Name"] for line in lines if b"ApplicationStart" in line)
    batch = decode(joined([line.replace(b'"App Name":"', rb'"App Name":"\ud83d') for line in lines]), original.identity)
    (found,) = (row["name"] for row in batch.tables["applications"].to_pylist() if row["name"])
    assert (batch.bad_line_count, found) == (0, f"?{name}")


def test_lines_may_end_as_on_windows_and_be_parted_by_blank_ones(lines: list[bytes], original: DecodedBatch) -> None:
    assert rows(decode(joined(lines, b"\r\n"))) == rows(original)
    assert rows(decode(joined(lines, b"\n \n\n"))) == rows(original)


def test_lines_that_came_twice_give_rows_that_replace_each_other(lines: list[bytes], original: DecodedBatch) -> None:
    batch = decode(joined(lines + lines))
    assert (batch.events, batch.bad_line_count) == (2 * original.events, 0)
    assert {name: set(found) for name, found in rows(batch).items()} == {name: set(found) for name, found in rows(original).items()}


def test_bytes_that_a_crash_left_at_the_end_are_an_unfinished_line(lines: list[bytes], original: DecodedBatch) -> None:
    for tail in (b"\0" * 4096, lines[-1][: len(lines[-1]) // 2], b'{"Event":"SparkListenerTaskEnd","Stage ID":\0\0\0'):
        batch = decode(joined(lines) + tail, may_be_cut=True)
        assert (batch.incomplete, batch.bad_line_count, batch.events) == (True, 0, original.events)
        assert rows(batch) == rows(original)


def test_bytes_of_a_crash_before_more_lines_are_one_bad_line(lines: list[bytes], original: DecodedBatch) -> None:
    middle = len(lines) // 2
    batch = decode(joined([*lines[:middle], b"\0" * 4096, *lines[middle:]]))
    assert [bad.line for bad in batch.bad_lines] == [middle + 1]
    assert rows(batch) == rows(original)


def test_log_whose_first_line_is_cut_loses_that_line_and_says_so(lines: list[bytes], original: DecodedBatch) -> None:
    batch = decode(joined([lines[0][len(lines[0]) // 2 :], *lines[1:]]), original.identity)
    assert [bad.line for bad in batch.bad_lines] == [1]
    lost = decode(lines[0], original.identity)
    assert batch.events == original.events - lost.events


def test_task_ends_without_metrics_are_task_ends(lines: list[bytes], original: DecodedBatch) -> None:
    def without(event: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in event.items() if key not in METRICS}

    batch = decode(rewritten(lines, without), original.identity)
    kept = ("stage_id", "task_id", "status", "end_reason", "launch_time", "duration_ms", "executor_id", "host")
    assert batch.bad_line_count == 0
    assert batch.tables["tasks"].select(kept).to_pylist() == original.tables["tasks"].select(kept).to_pylist()
    assert not any(batch.tables["tasks"]["has_metrics"].to_pylist())


@pytest.mark.parametrize("value", [-(2**63), 2**63 - 1, 2**62, -5])
def test_absurd_numbers_are_bounded_and_counted(lines: list[bytes], original: DecodedBatch, value: int) -> None:
    absurd = {"Timestamp", "Submission Time", "Completion Time", "Launch Time", "Finish Time", "JVM GC Time", "Bytes Read"}
    changed = everywhere(lambda event: {k: value if k in absurd and isinstance(v, int) else v for k, v in event.items()})
    batch = decode(rewritten(lines, changed), original.identity)
    assert (batch.events, batch.bad_line_count) == (original.events, 0)
    assert {name: table.num_rows for name, table in batch.tables.items()} == {n: t.num_rows for n, t in original.tables.items()}
    assert batch.adjusted
    assert "out of range" in batch.first_error


def test_numbers_that_no_long_holds_cost_their_lines_only(lines: list[bytes], original: DecodedBatch) -> None:
    changed = everywhere(lambda event: {k: 10**30 if k == "Launch Time" else v for k, v in event.items()})
    batch = decode(rewritten(lines, changed), original.identity)
    assert batch.bad_line_count == original.tables["tasks"].num_rows
    assert batch.events + batch.bad_line_count == original.events


# Containers and folders, of one log.


@pytest.fixture(scope="module")
def plain() -> bytes:
    return content(EVENT_LOGS / "apache__spark/spark-events" / APP)


def parts_of(data: bytes, count: int) -> list[bytes]:
    lines = data.splitlines(keepends=True)
    size = -(-len(lines) // count)
    return [b"".join(lines[at : at + size]) for at in range(0, len(lines), size)]


def only_log(place: Path) -> tuple[LogSource, DecodedBatch, str]:
    (source,) = find_logs(place)
    return read(source)


def read(source: LogSource) -> tuple[LogSource, DecodedBatch, str]:
    state = StreamState()
    data = b"".join(source.chunks(state))
    return source, decode(data, completed_by_file(find_identity(data), source.name), may_be_cut=True), state.cut


def write_parts(folder: Path, parts: list[bytes], app: str = APP, skip: tuple[int, ...] = ()) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, part in enumerate(parts, 1):
        if number not in skip:
            (folder / f"events_{number}_{app}").write_bytes(part)


def test_parts_that_were_copied_out_of_their_folder_are_one_log(plain: bytes, tmp_path: Path) -> None:
    write_parts(tmp_path / "logs", parts_of(plain, 11))
    (tmp_path / "logs" / f"appstatus_{APP}").touch()
    source, batch, cut = only_log(tmp_path / "logs")
    assert (len(source.parts), cut) == (11, "")
    assert rows(batch) == rows(decode(plain))


def test_parts_of_several_logs_in_one_folder_are_told_apart(plain: bytes, tmp_path: Path) -> None:
    other = plain.replace(APP.encode(), b"app-20200706201101-0004")
    write_parts(tmp_path, parts_of(plain, 3))
    write_parts(tmp_path, parts_of(other, 2), "app-20200706201101-0004")
    found = {log.identity.app_id: rows(log) for _, log, _ in map(read, find_logs(tmp_path))}
    assert found == {APP: rows(decode(plain)), "app-20200706201101-0004": rows(decode(other))}


@pytest.mark.parametrize("folder", [f"eventlog_v2_{APP}", "logs"])
def test_part_that_is_missing_is_said(plain: bytes, tmp_path: Path, folder: str) -> None:
    write_parts(tmp_path / folder, parts_of(plain, 4), skip=(1, 3))
    source, batch, cut = only_log(tmp_path)
    assert cut == "missing of the rolled log: parts 1, 3"
    assert batch.identity == Identity(APP)
    assert len(source.parts) == 2


def test_part_by_itself_belongs_to_its_application(plain: bytes, tmp_path: Path) -> None:
    write_parts(tmp_path, parts_of(plain, 2))
    _, batch, cut = only_log(tmp_path / f"events_2_{APP}")
    assert (batch.identity, cut) == (Identity(APP), "missing of the rolled log: part 1")


def test_compacted_log_says_that_events_were_dropped(plain: bytes, tmp_path: Path) -> None:
    first, second, third = parts_of(plain, 3)
    folder = tmp_path / f"eventlog_v2_{APP}"
    write_parts(folder, [first, second, third])
    (folder / f"events_2_{APP}.compact").write_bytes(first + second)
    _, batch, cut = only_log(tmp_path)
    assert cut.startswith("Spark compacted the log")
    assert rows(batch) == rows(decode(plain))


@pytest.mark.parametrize("name", [f"eventlog_v2_{APP}.zip", "logs.zip", f"eventlog_v2_{APP}.tar.gz", "logs.tar"])
@pytest.mark.parametrize("inside", [f"eventlog_v2_{APP}/", "a/b/", ""])
def test_archive_of_a_rolled_log_is_one_log(plain: bytes, tmp_path: Path, name: str, inside: str) -> None:
    write_parts(tmp_path / "in", parts_of(plain, 3))
    files = sorted((tmp_path / "in").iterdir())
    archive = tmp_path / name
    if name.endswith(".zip"):
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
            for file in files:
                packed.write(file, inside + file.name)
    else:
        with tarfile.open(archive, "w:gz" if name.endswith("gz") else "w") as tar:
            for file in files:
                tar.add(file, inside + file.name)
    source, batch, cut = only_log(archive)
    assert (len(source.parts), cut) == (3, "")
    assert rows(batch) == rows(decode(plain))


def test_folder_that_spark_1_0_wrote_names_its_application(plain: bytes, tmp_path: Path) -> None:
    folder = tmp_path / "app-20140601120000-0001"
    folder.mkdir()
    (folder / "EVENT_LOG_1").write_bytes(plain.replace(f'"App ID":"{APP}",'.encode(), b""))
    _, batch, _ = only_log(folder)
    assert batch.identity == Identity("app-20140601120000-0001")


def test_markers_of_object_stores_are_no_logs(plain: bytes, tmp_path: Path) -> None:
    (tmp_path / APP).write_bytes(plain)
    for name in (f"{APP}_$folder$", f".{APP}.crc", f"appstatus_{APP}.inprogress"):
        (tmp_path / name).touch()
    assert [source.name for source in find_logs(tmp_path)] == [APP]
