"""Runs one PySpark application through `spark-submit` with the flags that `sparkledger conf` prints."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sparkledger.demo.errors import DemoError


@dataclass(frozen=True, slots=True)
class Submitted:
    """One finished application: its exit status, seconds taken and where its output is."""

    returncode: int
    elapsed_s: float
    log: Path


def spark_home() -> Path:
    """The folder of the installed PySpark, which holds `bin/spark-submit` and `jars`."""
    try:
        import pyspark
    except ImportError as error:
        raise DemoError("pyspark is not installed", "pip install 'sparkledger[demo]'") from error
    return Path(pyspark.__file__).parent


def printed_flags(url: str) -> list[str]:
    """What `sparkledger conf --url URL` prints: the flags that a job gets, and nothing else."""
    command = [sys.executable, "-m", "sparkledger", "conf", "--url", url]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return shlex.split(printed.replace("\\\n", " "))


def submit(
    script: Path, args: Sequence[str], master: str, flags: Sequence[str], jars: Sequence[Path], conf: Mapping[str, str], log: Path
) -> Submitted:
    """Run `script` to its end; what it prints goes to `log`."""
    home = spark_home()
    command = [str(home / "bin" / "spark-submit"), "--master", master, *_with_jars(flags, jars)]
    for key, value in conf.items():
        command += ["--conf", f"{key}={value}"]
    command += [str(script), *args]
    # Executors of local-cluster bind to the host's name otherwise, which a laptop's resolver may not know.
    environment = os.environ | {"SPARK_HOME": str(home), "PYSPARK_PYTHON": sys.executable, "SPARK_LOCAL_IP": "127.0.0.1"}
    start = time.monotonic()
    with log.open("wb") as output:
        done = subprocess.run(command, env=environment, stdout=output, stderr=output, stdin=subprocess.DEVNULL, check=False)
    return Submitted(done.returncode, time.monotonic() - start, log)


def _with_jars(flags: Sequence[str], jars: Sequence[Path]) -> list[str]:
    flags = list(flags)
    if jars:
        position = flags.index("--jars") + 1
        flags[position] = ",".join([flags[position], *map(str, jars)])
    return flags
