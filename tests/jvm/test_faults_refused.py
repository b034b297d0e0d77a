"""A collector that is there and takes nothing: a wrong token, a certificate that nobody trusts, an answer that breaks off, tiny limits."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path

import pytest

from tests.jvm.recording_collector import Answer, RecordingCollector, Request, task_ids
from tests.jvm.spark_runs import listening, logged, logged_events, logged_task_ids, run_contexts, spooled_lines
from tests.jvm.test_faults import Contexts, printed
from tests.jvm.test_faults_spool import counted

pytestmark = pytest.mark.spark

BROKEN_OFF = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 400\r\n\r\n{"events"'
LIMIT_BYTES = 6_000
WRONG_TOKEN = "wr0ng-t0ken"


def tiny(request: Request, _: int) -> Answer:
    """Refuses bodies that a thousand task ends do not fit into."""
    return Answer(413) if len(request.body) > LIMIT_BYTES else Answer()


def certificate(directory: Path) -> ssl.SSLContext:
    """A server's side of TLS, signed by itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl to make a certificate with")
    key, chain = directory / "key.pem", directory / "chain.pem"
    subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2", "-keyout", str(key), "-out", str(chain)]
    subprocess.run([openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", *subject], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory, jar: Path) -> Iterator[Contexts]:
    tmp = tmp_path_factory.mktemp("refusing")
    tls = certificate(tmp)
    with ExitStack() as stack:
        collectors = {
            "token": stack.enter_context(RecordingCollector(lambda *_: Answer(401))),
            "tls": stack.enter_context(RecordingCollector(tls=tls)),
            "trusted": stack.enter_context(RecordingCollector(tls=tls)),
            "broken off": stack.enter_context(RecordingCollector(lambda _, n: Answer(raw=BROKEN_OFF) if n <= 2 else Answer())),
            "tiny": stack.enter_context(RecordingCollector(tiny)),
        }
        # The first waits for the whole of its budget if it waits at all.
        (tmp / "token.txt").write_text("from-a-file\n")
        trusted = {"spark.sparkledger.tls.ca": str(tmp / "chain.pem"), "spark.sparkledger.token.file": str(tmp / "token.txt")}
        own = {"trusted": trusted, "token": {"spark.sparkledger.token": WRONG_TOKEN}}
        budgets = {"token": "25s", "tls": "2s"}
        contexts = [
            {
                "name": name,
                "tasks": 3_000 if name == "tiny" else 40,
                "conf": {
                    **listening(
                        collector.url,
                        spool_dir=str(tmp / "spool"),
                        flush_timeout=budgets.get(name, "10s"),
                        batch_interval="60s" if name == "tiny" else "100ms",
                    ),
                    **logged(tmp / name),
                    **own.get(name, {}),
                },
            }
            for name, collector in collectors.items()
        ]
        run, measured = run_contexts(tmp, contexts, jar)
        yield Contexts(run, measured, tmp, collectors)


def test_refusals_change_neither_output_nor_status(refusing: Contexts) -> None:
    expected = printed(["token", "tls", "trusted", "broken off"], 40) + printed(["tiny"], 3_000)
    assert (refusing.run.status, refusing.run.stdout) == (0, expected), refusing.run.stderr[-4000:]


@pytest.mark.parametrize("name", ["token", "tls"])
def test_events_that_nobody_takes_are_in_the_spool(refusing: Contexts, name: str) -> None:
    folder = refusing.logs / "spool" / f"eventlog_v2_{refusing.measured[name]['app_id']}"
    lines = spooled_lines(folder)
    assert sorted(task_ids(lines)) == sorted(logged_task_ids(refusing.logs / name))
    assert [line["Event"] for line in lines].count("SparkListenerApplicationEnd") == 1


def test_a_wrong_token_is_tried_once_a_minute_and_never_printed(refusing: Contexts) -> None:
    requests = refusing.collectors["token"].requests
    assert {request.headers["authorization"] for request in requests} == {f"Bearer {WRONG_TOKEN}"}
    assert all(later.arrived_at_s - earlier.arrived_at_s >= 59 for earlier, later in pairwise(requests))
    assert "HTTP 401" in refusing.run.log()
    assert WRONG_TOKEN not in refusing.run.stderr + refusing.run.stdout


def test_the_end_does_not_wait_for_somebody_to_change_a_token(refusing: Contexts) -> None:
    assert refusing.measured["token"]["stop_s"] < 25


def test_the_token_of_a_file_is_sent_to_a_collector_whose_authority_is_given(refusing: Contexts) -> None:
    assert {request.headers["authorization"] for request in refusing.collectors["trusted"].accepted} == {"Bearer from-a-file"}


def test_the_reason_of_a_failed_handshake_is_said(refusing: Contexts) -> None:
    assert "SSLHandshakeException" in refusing.run.log()


@pytest.mark.parametrize("name", ["trusted", "broken off", "tiny"])
def test_everything_arrives_once(refusing: Contexts, name: str) -> None:
    collector = refusing.collectors[name]
    assert sorted(collector.task_ids()) == sorted(logged_task_ids(refusing.logs / name))
    assert counted(collector.lines()) == counted(logged_events(refusing.logs / name)), refusing.run.log()


def test_a_block_that_is_too_large_alone_is_divided_by_its_rows(refusing: Contexts) -> None:
    refused = [line for request in refusing.collectors["tiny"].requests if len(request.body) > LIMIT_BYTES for line in request.lines]
    assert max(line.get("Count", 1) for line in refused) > 1_000
    blocks = refusing.collectors["tiny"].events("SparkledgerTaskEnds")
    logged_ends = [event for event in logged_events(refusing.logs / "tiny") if event["Event"] == "SparkListenerTaskEnd"]
    assert sum(block["Count"] for block in blocks) == len(logged_ends)
    assert len(blocks) > 4
