"""Bodies that are meant to harm: each is answered, nothing escapes as a 5xx, and the collector goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import zstandard

from tests.support.processes import ServerProcess, running_server
from tests.support.wire import NDJSON, application_start, lines, task_ends

APP = {**NDJSON, "X-Sparkledger-App-Id": "app-hostile"}
GIGABYTE = 1 << 30
DEPTH = 100_000
BLOCK = b'{"Event":"SparkledgerTaskEnds","Count":1,"Stage ID":[1],"Task ID":[1],"Launch Time":[%s]}\n'
TASK = (
    b'{"Event":"SparkListenerTaskEnd","Stage ID":%s,"Stage Attempt ID":0,"Task Type":"ResultTask","Task End Reason":{"Reason":"Success"},'
    b'"Task Info":{"Task ID":1,"Index":0,"Attempt":0,"Launch Time":1795392000000,'
    b'"Executor ID":"1","Host":"h","Finish Time":1795392000100}}\n'
)
JOB = b'{"Event":"SparkListenerJobStart","Job ID":%s,"Submission Time":1795392000000,"Stage IDs":[]}\n'
PLAN = b'{"Event":"org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionStart","executionId":1,"sparkPlanInfo":'
NODE = b'{"nodeName":"a","simpleString":"a","metrics":[],"children":['
BAD_LINES = {
    "arrays in arrays": b'{"Event":"SparkListenerJobStart","x":' + b"[" * DEPTH + b"]" * DEPTH + b"}\n",
    "objects in objects": b'{"Event":"SparkListenerJobStart","x":' + b'{"a":' * DEPTH + b"1" + b"}" * DEPTH + b"}\n",
    "a plan without end": PLAN + NODE * DEPTH + b"]}" * DEPTH + b"}\n",
    "invalid UTF-8": b'{"Event":"SparkListenerJobStart","Job ID":1,"Properties":{"a":"\xff\xfe\xc3\x28"}}\n',
    "a lone surrogate": b'{"Event":"SparkListenerApplicationStart","App Name":"\\ud800","App ID":"app-hostile","Timestamp":1,"User":"u"}\n',
    "zero bytes": b"\0" * 1000 + b"\n",
    "NaN": TASK % b"NaN",
    "minus infinity": TASK % b"-Infinity",
    "a negative id": TASK % b"-5",
    "an id beyond 32 bits": TASK % b"99999999999",
    "a number of a thousand digits": TASK % (b"9" * 1000),
    "an exponent without end": TASK % b"1e999999",
    "a fraction": JOB % b"1.5",
    "text for a number": JOB % b'"1"',
    "null for a number": TASK % b"null",
    "a block with NaN": BLOCK % b"NaN",
    "a block with a huge number": BLOCK % (b"9" * 400),
    "a block that counts down": b'{"Event":"SparkledgerTaskEnds","Count":-1}\n',
    "an event that is a number": b'{"Event":42}\n',
    "an event named by an array": b'{"Event":["SparkListenerTaskEnd"]}\n',
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with running_server(tmp_path_factory.mktemp("hostile") / "data") as server:
        yield server


def post(server: ServerProcess, body: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.post(f"{server.url}/api/v1/events", content=body, headers={**APP, **named}, timeout=900)


@pytest.mark.parametrize("name", BAD_LINES)
def test_a_hostile_line_is_accounted_for_and_the_others_are_kept(server: ServerProcess, name: str) -> None:
    body = lines({"Event": "SparkListenerApplicationEnd", "Timestamp": 1}) + BAD_LINES[name] + lines(task_ends(3))
    answer = post(server, body)
    assert answer.status_code == 200, answer.text
    counted = answer.json()
    assert (counted["events"], counted["bad_lines"]) in ((4, 1), (5, 0)), counted
    assert "Traceback" not in answer.text


def test_most_hostile_lines_are_bad_lines(server: ServerProcess) -> None:
    told = post(server, b"".join(BAD_LINES.values())).json()
    assert told["bad_lines"] >= len(BAD_LINES) - 4
    assert told["bad_lines"] + told["events"] == len(BAD_LINES)


def test_a_line_of_a_gigabyte_is_refused_and_costs_no_memory(server: ServerProcess) -> None:
    compressor = zstandard.ZstdCompressor().compressobj()
    piece = b"a" * (1 << 20)
    parts = [compressor.compress(b'{"Event":"'), *(compressor.compress(piece) for _ in range(GIGABYTE >> 20)), compressor.flush()]
    post(server, lines(application_start("app-hostile")))
    before_kib = resident_kib(server)
    answer = post(server, b"".join(parts), Content_Encoding="zstd")
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "body_too_large")
    # What is decompressed may grow to its limit of 128 MiB before it is refused.
    assert resident_kib(server) - before_kib < 400 << 10
    assert post(server, lines(application_start("app-hostile"))).status_code == 200


def test_the_collector_is_ready_after_all_that(server: ServerProcess) -> None:
    assert httpx.get(f"{server.url}/readyz", timeout=600).status_code == 200


def resident_kib(server: ServerProcess) -> int:
    status = Path(f"/proc/{server.process.pid}/status")
    if not status.exists():
        pytest.skip("no /proc here")
    found = re.search(r"VmRSS:\s+(\d+)", status.read_text())
    assert found
    return int(found[1])
