"""Running the Java programs of `bench/jvm` on a Spark, with listeners beside them, and reading what they measured."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from collector.eventlog.codecs import StreamState
from collector.eventlog.sources import find_logs
from listener.build import find_javac
from listener.conf import jar_path

_PROGRAMS = Path(__file__).parent / "jvm"
CONF = {
    "spark.master": "local[2]",
    "spark.app.name": "task end replay",
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.memory": "2g",
    "spark.extraListeners": "bench.CapturingListener",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.autoBroadcastJoinThreshold": "-1",
    "spark.log.level": "ERROR",
    "spark.network.timeout": "600s",
    "spark.rpc.askTimeout": "600s",
}
NOBODY_LISTENS = "http://127.0.0.1:9"


def jars_of(spark_home: str) -> Path:
    """The jars of a Spark that was named: another than that one must not be measured in its place."""
    jars = Path(spark_home).resolve() / "jars"
    if not any(jars.glob("spark-core_*.jar")):
        raise argparse.ArgumentTypeError(f"`{spark_home}` is no Spark's home: no spark-core jar in its `jars`")
    return jars


@contextmanager
def plain_log(log: Path | None) -> Iterator[str]:
    """The path of the log's lines without compression, or nothing where there is none."""
    if log is None:
        yield ""
        return
    (source,) = find_logs(log)
    with tempfile.NamedTemporaryFile(prefix="sparkledger-bench-") as file:
        for chunk in source.chunks(StreamState()):
            file.write(chunk)
        file.flush()
        yield file.name


def submit(jars: Path, with_jars: Sequence[Path], main: str, conf: Mapping[str, str], *arguments: str) -> dict[str, Any]:
    """What one program of the harness measured on the Spark of those jars; `{scratch}` in an argument is a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as scratch:
        harness, result = _harness(Path(scratch), jars), Path(scratch) / "result.json"
        command = [str(jars.parent / "bin" / "spark-submit"), "--class", main, "--jars", ",".join(map(str, with_jars))]
        for key, value in conf.items():
            command += ["--conf", f"{key}={value}"]
        placed = [argument.replace("{scratch}", scratch) for argument in arguments]
        subprocess.run([*command, str(harness), str(result), *placed], check=True, cwd=scratch, env=_environment(jars))
        measured: dict[str, Any] = json.loads(result.read_text())
        return measured


def _environment(jars: Path) -> dict[str, str]:
    return {**os.environ, "SPARK_HOME": str(jars.parent), "SPARK_LOCAL_IP": "127.0.0.1"}


def _harness(scratch: Path, jars: Path) -> Path:
    """Compiles the Java of the bench into a jar."""
    classes, jar = scratch / "classes", scratch / "bench.jar"
    sources = sorted(map(str, _PROGRAMS.glob("*.java")))
    path = f"{jars}/*:{jar_path()}"
    subprocess.run([str(find_javac()), "-nowarn", "-proc:none", "-Xlint:none", "-cp", path, "-d", str(classes), *sources], check=True)
    with zipfile.ZipFile(jar, "w") as archive:
        for compiled in sorted(classes.rglob("*.class")):
            archive.write(compiled, compiled.relative_to(classes).as_posix())
    return jar
