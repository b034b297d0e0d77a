"""A log of any size out of a real one: its jobs again and again, with job, stage and task ids of their own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import find_logs

_REPEATED = re.compile(rb'\{"Event":"SparkListener(?:Job(?:Start|End)|Stage(?:Submitted|Completed)|Task(?:Start|End))"')
_END = b'{"Event":"SparkListenerApplicationEnd"'
_TASK_END = b'{"Event":"SparkListenerTaskEnd"'
_STAGE_COMPLETED = b'{"Event":"SparkListenerStageCompleted"'
_IDS = re.compile(rb'"(Job ID|Stage ID|Task ID)":(\d+)|"(Stage IDs)":\[([\d,]*)\]')
_KINDS = (b"Job ID", b"Stage ID", b"Task ID")


@dataclass(frozen=True, slots=True)
class Replica:
    """What a made log holds."""

    path: Path
    size_bytes: int
    task_ends: int
    stages: int


def replicate(base: Path, log: Path, *, size_bytes: int = 0, task_ends: int = 0) -> Replica:
    """Write `base`, a plain or compressed log, to `log` with its jobs repeated until either bound is reached."""
    (source,) = find_logs(base)
    lines = b"".join(source.chunks(StreamState())).splitlines(keepends=True)
    jobs = b"".join(line for line in lines if _REPEATED.match(line))
    tasks, stages = (sum(line.startswith(start) for line in lines) for start in (_TASK_END, _STAGE_COMPLETED))
    step = _first_free_ids(jobs)
    copies = 1
    with log.open("wb") as out:
        out.writelines(line for line in lines if not line.startswith(_END))
        while out.tell() < size_bytes or tasks * copies < task_ends:
            out.write(_shifted(jobs, {kind: copies * first for kind, first in step.items()}))
            copies += 1
        out.writelines(line for line in lines if line.startswith(_END))
    return Replica(log, log.stat().st_size, tasks * copies, stages * copies)


def _first_free_ids(jobs: bytes) -> dict[bytes, int]:
    highest = dict.fromkeys(_KINDS, 0)
    for found in _IDS.finditer(jobs):
        if found[1]:
            highest[found[1]] = max(highest[found[1]], int(found[2]))
        elif found[4]:
            highest[b"Stage ID"] = max(highest[b"Stage ID"], *map(int, found[4].split(b",")))
    return {kind: number + 1 for kind, number in highest.items()}


def _shifted(jobs: bytes, offsets: dict[bytes, int]) -> bytes:
    stage_offset = offsets[b"Stage ID"]

    def moved(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return b'"%s":%d' % (found[1], int(found[2]) + offsets[found[1]])
        ids = (b"%d" % (int(number) + stage_offset) for number in found[4].split(b",") if number)
        return b'"Stage IDs":[%s]' % b",".join(ids)

    return _IDS.sub(moved, jobs)
