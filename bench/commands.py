"""Readers that are programs of their own: run to their end, with their time and the memory of all their processes."""

from __future__ import annotations

import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.process_tree import peak_memory_mib

PATIENCE_S = 3600
_REASON_LENGTH = 200


class PeerUnavailable(Exception):
    """A reader cannot be had here; says why."""


class PeerFailed(Exception):
    """A reader gave up on the log; says what it said."""


@dataclass(frozen=True, slots=True)
class Command:
    """A program that reads a log, and how the task ends that it found are counted from its standard output or what it wrote."""

    argv: Callable[[Path, Path], list[str]]
    """From the log and a folder to write to, which is a new one."""
    task_ends: Callable[[str, Path], int]
    """From standard output and that folder, once the clock is stopped."""


def run_command(command: Command, log: Path, folder: Path) -> tuple[int, float, float]:
    """Task ends found, seconds from the program's start to its end, peak memory in MiB.

    Raises:
        PeerFailed: it ended with another status than 0, or did not end.
    """
    with tempfile.TemporaryDirectory(dir=folder, prefix="peer-") as name:
        out = Path(name)
        started = time.perf_counter()
        process = subprocess.Popen(command.argv(log, out), cwd=out, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        peaks: list[float] = []
        sampler = threading.Thread(target=lambda: peaks.append(peak_memory_mib(process)))
        sampler.start()
        try:
            printed, said = process.communicate(timeout=PATIENCE_S)
            seconds = time.perf_counter() - started
        except subprocess.TimeoutExpired as error:
            process.kill()
            process.communicate()
            raise PeerFailed(f"no end after {PATIENCE_S} s") from error
        finally:
            sampler.join()
        if process.returncode:
            raise PeerFailed(f"exit status {process.returncode}, {reason(said)}")
        return command.task_ends(printed, out), seconds, peaks[0]


def reason(said: object) -> str:
    """An error in a cell of a table: its last line, without this machine's folders."""
    lines = [line for line in str(said).splitlines() if line.strip()] or ["it said nothing"]
    return " ".join(lines[-1].replace(str(Path.home()), "~").replace("|", "/").split())[:_REASON_LENGTH]
