"""Decoding beside the importing process gives the same rows, and survives the death of a process."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from collector.eventlog import Identity
from collector.eventlog.ranges import FileRange
from collector.eventlog.sources import find_logs
from collector.eventlog.worker import DecoderDied
from collector.importing.decoders import DecodeHere, DecodeInProcesses, decoders_for
from tests.unit.collector.eventlog.encoding import line

IDENTITY = Identity("app-1")
DATA = (
    line("SparkListenerApplicationStart", App_ID="app-1", Timestamp=1_600_000_000_000)
    + b"{broken\n"
    + b'{"Event":"SparkListenerTaskEnd","Stage ID":1,"Task Info":{"Task ID":3,"Launch Time":5},"Task End Reason":{"Reason":"Success"}}\n'
    + b'{"Event":"com.example.Surprise"}\n{"Event":"cut'
)


@pytest.fixture(scope="module")
def decoders() -> Iterator[DecodeInProcesses]:
    opened = DecodeInProcesses(1)
    yield opened
    opened.close()


def test_process_gives_what_decoding_here_gives(decoders: DecodeInProcesses, tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"before\n" + DATA)
    here, size_bytes = DecodeHere().submit(DATA, IDENTITY).result()
    for piece in (DATA, FileRange(str(path), 7, len(DATA))):
        there, also = decoders.submit(piece, IDENTITY).result()
        assert also == size_bytes == len(DATA)
        assert there.tables == here.tables
        assert (there.lines, there.events, there.bad_lines, there.unknown_events, there.incomplete) == (
            here.lines,
            here.events,
            here.bad_lines,
            here.unknown_events,
            here.incomplete,
        )


def test_failure_to_read_is_the_takers(decoders: DecodeInProcesses, tmp_path: Path) -> None:
    for one in (decoders, DecodeHere()):
        with pytest.raises(FileNotFoundError):
            one.submit(FileRange(str(tmp_path / "nowhere"), 0, 1), IDENTITY).result()


def test_death_of_a_process_fails_one_piece_and_is_mended() -> None:
    decoders = DecodeInProcesses(1)
    try:
        decoders.submit(DATA, IDENTITY).result()
        process = decoders._idle.get()
        assert process._process.pid is not None
        os.kill(process._process.pid, signal.SIGKILL)
        process._process.join()
        decoders._idle.put(process)
        with pytest.raises(DecoderDied, match="memory"):
            decoders.submit(DATA, IDENTITY).result()
        assert decoders.submit(DATA, IDENTITY).result()[0].events == 3
    finally:
        decoders.close()


def test_death_within_an_answer_is_one_too() -> None:
    decoders = DecodeInProcesses(1)
    ours, theirs = socket.socketpair()
    try:
        process = decoders._idle.get()
        process._pipe.close()
        process._pipe = Connection(ours.detach())
        decoders._idle.put(process)
        theirs.sendall(struct.pack("!i", 1000) + b"the first bytes of an answer")
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(DecoderDied, match="memory"):
            decoders.submit(DATA, IDENTITY).result()
        assert decoders.submit(DATA, IDENTITY).result()[0].events == 3
    finally:
        decoders.close()
        theirs.close()


def test_few_bytes_are_decoded_here(tmp_path: Path) -> None:
    for name, size in (("small", 1000), ("large", 1 << 30)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    small, large = find_logs(tmp_path / "small"), find_logs(tmp_path / "large")
    with decoders_for(small) as few, decoders_for(large, processes=0) as forced:
        assert isinstance(few, DecodeHere)
        assert isinstance(forced, DecodeHere)


FORKS = """
import sys
from collector.eventlog.worker import DecoderProcess
from collector.eventlog import Identity

def main():
    decoders = [DecoderProcess() for _ in range(2)]
    assert [type(one._process).__name__ for one in decoders] == ["ForkProcess"] * 2
    sys.modules["chdb"] = None
    assert type((spawned := DecoderProcess())._process).__name__ == "SpawnProcess"
    for one in (*decoders, spawned):
        assert one.decode(b'{"Event":"a"}', Identity("a"))[0].events == 1
        one.close()

if __name__ == "__main__":
    main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="decoders are forked on Linux only")
def test_decoders_are_forked_only_where_no_engine_is_loaded(tmp_path: Path) -> None:
    script = tmp_path / "forks.py"
    script.write_text(FORKS)
    subprocess.run([sys.executable, str(script)], check=True, timeout=60, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


ORPHANS = """
import os, signal
from collector.eventlog.worker import DecoderProcess
decoders = [DecoderProcess() for _ in range(2)]
print(*(one._process.pid for one in decoders), flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="decoders are forked on Linux only")
def test_forked_decoders_end_with_a_killed_import() -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", ORPHANS], stdout=subprocess.PIPE, text=True, timeout=60, env=environment)
    assert done.returncode == -signal.SIGKILL
    until_s = time.monotonic() + 60
    while any(_runs(pid) for pid in done.stdout.split()):
        assert time.monotonic() < until_s
        time.sleep(0.05)


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
