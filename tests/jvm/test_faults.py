"""A collector in trouble never changes what the job prints, how it exits, or, beyond the flush budget, how long it takes."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from listener.conf import SETTINGS, SETTINGS_PREFIX
from tests.jvm.recording_collector import Answer, Behaviour, RecordingCollector, Request, dead_url, task_ids
from tests.jvm.spark_runs import Run, listening, logged, logged_events, logged_task_ids, run_contexts, spooled_lines

pytestmark = pytest.mark.spark

TASKS = 60
FLUSH_S = 2
STOP_BOUND_S = 30.0
"""Far above the flush budget, and half of what one request may wait for its answer."""

NOT_CARRIED = {
    "SparkListenerTaskStart",
    "SparkListenerTaskGettingResult",
    "SparkListenerBlockManagerAdded",
    "SparkListenerBlockManagerRemoved",
    "SparkListenerExecutorMetricsUpdate",
    "SparkListenerUnpersistRDD",
}
"""Events of Spark's log that the stream leaves out."""


def first(count: int, answer: Answer) -> Behaviour:
    """Answers the first requests so, and takes the rest."""
    return lambda _, number: answer if number <= count else Answer()


def too_large(limit_bytes: int) -> Behaviour:
    """Refuses bodies above a size."""
    return lambda request, _: Answer(413) if len(request.body) > limit_bytes else Answer()


def poison(request: Request, _: int) -> Answer:
    """Finds fault with the second batch for good."""
    return Answer(400) if request.seq == 2 else Answer()


def slowly(request: Request, number: int) -> Answer:
    """Lets each request wait for a third of a second."""
    ready_at = request.arrived_at_s + 0.3
    return Answer(until=lambda: time.monotonic() >= ready_at)


RECOVERING: dict[str, tuple[Behaviour, dict[str, str]]] = {
    "errors": (first(3, Answer(500)), {}),
    "busy": (first(2, Answer(429, {"Retry-After": "1"})), {}),
    "unavailable": (first(1, Answer(503, {"Retry-After": "soon"})), {}),
    "small": (too_large(4_000), {"batch_interval": "60s"}),
    "poison": (poison, {"batch_interval": "50ms"}),
    "slow": (slowly, {}),
    "garbled": (first(2, Answer(raw=b"\x00\xff no HTTP at all\r\n\r\n")), {}),
    "page": (first(1, Answer(200, raw=b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n<html></html>")), {}),
    "silent": (first(2, Answer(raw=b"")), {}),
    "brief": (first(0, Answer()), {"batch_interval": "60s"}),
    "uncompressed": (first(0, Answer()), {"compression": "none"}),
}

HOPELESS: dict[str, Behaviour] = {
    "refusing": lambda *_: Answer(500),
    "garbage": lambda *_: Answer(raw=b"\x16\x03\x01garbage"),
    "hanging": lambda *_: Answer(until=lambda: False),
}

HOSTILE: dict[str, dict[str, str]] = {
    "no url": {"spark.sparkledger.url": ""},
    "bad url": {"spark.sparkledger.url": "file:///etc/passwd"},
    "bad port": {"spark.sparkledger.url": "http://collector:99999999"},
    "switched off": {"spark.sparkledger.enabled": "FALSE"},
    "twice": {"spark.extraListeners": "io.sparkledger.SparkledgerListener,io.sparkledger.SparkledgerListener"},
    "nonsense": {
        "spark.sparkledger.buffer.bytes": "-1",
        "spark.sparkledger.batch.interval": "soon",
        "spark.sparkledger.flush.timeout": "99999999999999999999s",
        "spark.sparkledger.connect.timeout": "",
        "spark.sparkledger.token": "a\r\nX-Injected: b",
        "spark.redaction.regex": "nothing",
    },
}
VALUES = {"text": "nonsense", "huge": "9" * 400, "negative": "-1", "unicode": "∞ ünï\0", "blank": " \t", "endless": "x" * 100_000}
"""What every setting is given at once, one kind after another; the address and the switch excepted, whose own rows are above."""
HOSTILE |= {kind: {SETTINGS_PREFIX + name: value for name in SETTINGS if name not in ("url", "enabled")} for kind, value in VALUES.items()}


@dataclass
class Contexts:
    """Contexts that ran in one JVM, each with its collector."""

    run: Run
    measured: dict[str, dict[str, Any]]
    logs: Path
    collectors: dict[str, RecordingCollector] = field(default_factory=dict)


@pytest.fixture(scope="module")
def recovering(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Contexts]:
    tmp = tmp_path_factory.mktemp("recovering")
    with ExitStack() as stack:
        collectors = {name: stack.enter_context(RecordingCollector(behaviour)) for name, (behaviour, _) in RECOVERING.items()}
        contexts = [
            {
                "name": name,
                "tasks": TASKS,
                "conf": {**listening(collectors[name].url, spool_dir=str(tmp / "spool"), **settings), **logged(tmp / name)},
            }
            for name, (_, settings) in RECOVERING.items()
        ]
        run, measured = run_contexts(tmp, contexts, jar)
        yield Contexts(run, measured, tmp, collectors)


@pytest.fixture(scope="module")
def hopeless(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Contexts]:
    """Collectors that never answer; the last of them still hangs when the JVM exits, for longer than any test of the end allows."""
    tmp = tmp_path_factory.mktemp("hopeless")
    with ExitStack() as stack:
        collectors = {name: stack.enter_context(RecordingCollector(behaviour)) for name, behaviour in HOPELESS.items()}
        urls = {"dead": dead_url(), **{name: collector.url for name, collector in collectors.items()}}
        contexts = [
            {
                "name": name,
                "tasks": TASKS,
                "conf": {
                    **listening(url, flush_timeout=f"{FLUSH_S}s", read_timeout="60s", spool_dir=str(tmp / "spool")),
                    **logged(tmp / name),
                },
            }
            for name, url in urls.items()
        ]
        run, measured = run_contexts(tmp, contexts, jar)
        yield Contexts(run, measured, tmp, collectors)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Contexts]:
    tmp = tmp_path_factory.mktemp("hostile")
    with RecordingCollector() as collector:
        contexts = [{"name": name, "tasks": 4, "conf": {**listening(collector.url), **conf}} for name, conf in HOSTILE.items()]
        run, measured = run_contexts(tmp, contexts, jar)
        yield Contexts(run, measured, tmp, {"all": collector})


def printed(names: list[str], tasks: int) -> str:
    return "".join(f"{name} {tasks * 10}\n" for name in names)


def test_a_recovering_collector_changes_neither_output_nor_status(recovering: Contexts) -> None:
    assert (recovering.run.status, recovering.run.stdout) == (0, printed(list(RECOVERING), TASKS)), recovering.run.stderr[-4000:]


@pytest.mark.parametrize("name", [name for name in RECOVERING if name != "poison"])
def test_every_task_end_arrives_once_when_the_collector_recovers(recovering: Contexts, name: str) -> None:
    assert sorted(recovering.collectors[name].task_ids()) == sorted(logged_task_ids(recovering.logs / name))
    assert len(recovering.collectors[name].events("SparkListenerApplicationEnd")) == 1
    assert recovering.collectors[name].requests[-1].dropped == 0


@pytest.mark.parametrize("name", ["errors", "busy", "unavailable", "garbled", "page"])
def test_a_batch_is_repeated_byte_for_byte(recovering: Contexts, name: str) -> None:
    initial, again = recovering.collectors[name].requests[:2]
    assert (again.seq, again.body) == (initial.seq, initial.body)


def test_retry_after_is_honoured(recovering: Contexts) -> None:
    times = [request.arrived_at_s for request in recovering.collectors["busy"].requests[:3]]
    assert all(later - earlier >= 1.0 for earlier, later in pairwise(times))


def test_a_batch_that_is_too_large_is_split_and_keeps_its_number(recovering: Contexts) -> None:
    collector = recovering.collectors["small"]
    refused = collector.requests[0]
    assert len(refused.body) > 4_000
    assert collector.accepted[0].seq == refused.seq
    assert len({request.seq for request in collector.accepted}) == len(collector.accepted) > 1


def test_a_refused_batch_is_dropped_and_counted(recovering: Contexts) -> None:
    collector = recovering.collectors["poison"]
    refused = [request for request in collector.requests if request.seq == 2]
    assert len(refused) == 1
    lost = sum(line.get("Count", 1) for line in refused[0].lines)
    assert collector.requests[-1].dropped == lost > 0
    assert f"{lost} could not be delivered" in recovering.run.log()


def test_compression_can_be_switched_off(recovering: Contexts) -> None:
    request = recovering.collectors["uncompressed"].requests[0]
    assert "content-encoding" not in request.headers
    assert request.body.startswith(b'{"Event":"SparkListenerLogStart"')


def test_a_hopeless_collector_changes_neither_output_nor_status(hopeless: Contexts) -> None:
    assert (hopeless.run.status, hopeless.run.stdout) == (0, printed(["dead", *HOPELESS], TASKS)), hopeless.run.stderr[-4000:]


def test_the_end_keeps_to_its_budget(hopeless: Contexts) -> None:
    assert {name: measured["stop_s"] for name, measured in hopeless.measured.items() if measured["stop_s"] > STOP_BOUND_S} == {}


def test_what_could_not_be_delivered_is_said_once_a_context_with_its_place(hopeless: Contexts) -> None:
    log = hopeless.run.log()
    assert "none are missing" not in log
    assert "could not be delivered" not in log
    for name in ["dead", *HOPELESS]:
        assert log.count(f"wait in {_folder(hopeless, name)}, which `sparkledger import` reads") == 1


def _folder(contexts: Contexts, name: str) -> Path:
    return contexts.logs / "spool" / f"eventlog_v2_{contexts.measured[name]['app_id']}"


@pytest.mark.parametrize("name", ["dead", *HOPELESS])
def test_every_event_that_could_not_be_delivered_is_in_the_spool(hopeless: Contexts, name: str) -> None:
    spooled = spooled_lines(_folder(hopeless, name))
    assert sorted(task_ids(spooled)) == sorted(logged_task_ids(hopeless.logs / name))
    names = [line["Event"] for line in spooled]
    assert {"SparkListenerApplicationStart", "SparkListenerEnvironmentUpdate", "SparkListenerApplicationEnd"} <= set(names)


def test_the_spool_is_for_its_owner_alone(hopeless: Contexts) -> None:
    folder = _folder(hopeless, "dead")
    assert {path.stat().st_mode & 0o777 for path in (folder, folder.parent)} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_the_spool_is_empty_when_the_collector_recovers(recovering: Contexts) -> None:
    assert list((recovering.logs / "spool").iterdir()) == []


def test_hostile_settings_change_neither_output_nor_status(hostile: Contexts) -> None:
    assert (hostile.run.status, hostile.run.stdout) == (0, printed(list(HOSTILE), 4)), hostile.run.stderr[-4000:]


@pytest.mark.parametrize("kind", VALUES)
def test_hostile_values_of_every_setting_leave_delivery_as_it_is(hostile: Contexts, kind: str) -> None:
    lines = hostile.collectors["all"].lines_of(hostile.measured[kind]["app_id"])
    assert len(task_ids(lines)) == len(set(task_ids(lines))) >= 4
    assert [line["Event"] for line in lines].count("SparkListenerApplicationEnd") == 1


def test_an_application_that_ends_before_its_first_batch_is_due_is_delivered(recovering: Contexts) -> None:
    collector = recovering.collectors["brief"]
    assert sorted(collector.task_ids()) == sorted(logged_task_ids(recovering.logs / "brief"))
    assert recovering.measured["brief"]["stop_s"] < STOP_BOUND_S


def test_a_listener_without_use_says_why(hostile: Contexts) -> None:
    log = hostile.run.log()
    assert "not listening: spark.sparkledger.url is not set" in log
    assert log.count("not listening: spark.sparkledger.url is not an http or https address") == 2
    assert "not listening: spark.sparkledger.enabled is false" in log
    assert "has a sparkledger listener already" in log
    assert "spark.sparkledger.batch.interval is `soon`" in log


def test_a_listener_named_twice_sends_once(hostile: Contexts) -> None:
    app_id = hostile.measured["twice"]["app_id"]
    starts = [event for event in hostile.collectors["all"].lines_of(app_id) if event["Event"] == "SparkListenerApplicationStart"]
    assert len(starts) == 1


def test_a_token_cannot_add_a_header(hostile: Contexts) -> None:
    app_id = hostile.measured["nonsense"]["app_id"]
    requests = [request for request in hostile.collectors["all"].requests if request.headers["x-sparkledger-app-id"] == app_id]
    assert {request.headers["authorization"] for request in requests} == {"Bearer aX-Injected:b"}
    assert not [request for request in requests if "x-injected" in request.headers]


def test_drops_are_counted_when_the_buffer_is_full(tmp_path: Path, jar: Path) -> None:
    done = tmp_path / "done"
    with RecordingCollector(first(1, Answer(until=done.exists))) as collector:
        # With no disk to go to, what comes while the first request hangs waits in memory.
        settings = {"spool_dir": "/proc/none", "buffer_bytes": "1m", "batch_interval": "50ms", "read_timeout": "9m", "flush_timeout": "25s"}
        conf = {**listening(collector.url, **settings), **logged(tmp_path / "log")}
        context = {"name": "full", "tasks": 4, "large_stages": 12, "touch": str(done), "conf": conf}
        run, _ = run_contexts(tmp_path, [context], jar)
        assert (run.status, run.stdout) == (0, printed(["full"], 4)), run.stderr[-4000:]
        dropped = collector.requests[-1].dropped
        arrived = sum(line.get("Count", 1) for line in collector.lines())
        expected = [event for event in logged_events(tmp_path / "log") if event["Event"].rpartition(".")[2] not in NOT_CARRIED]
        assert dropped > 0
        assert arrived + dropped == len(expected)
        assert f"{dropped} could not be delivered" in run.log()
        assert "events dropped since the last report" in run.log()
        # It is taken even where the buffer is still full.
        assert len(collector.events("SparkListenerApplicationEnd")) == 1
