"""Small Java programs beside the listener's classes, for what needs no Spark application."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

from listener.build import find_javac

PROBES = Path(__file__).parent / "probes"
QUICK = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For a JVM that ends before its compiler would pay."""


class Probe:
    """One program, compiled; its answer is the JSON object that it prints last."""

    def __init__(self, name: str, jar: Path, classes: Path, spark_jars: Path | None = None) -> None:
        self._name = name
        library = [] if spark_jars is None else [f"{spark_jars}{os.sep}*"]
        self._classpath = os.pathsep.join([str(jar), str(classes), *library])
        compiler = find_javac()
        self._java = compiler.with_name("java")
        options = ["--release", "8", "-nowarn", "-Xlint:none", "-proc:none", "-cp", self._classpath, "-d", str(classes)]
        subprocess.run([compiler, *(f"-J{option}" for option in QUICK), *options, PROBES / f"{name}.java"], check=True, capture_output=True)

    def __call__(self, *arguments: object) -> dict[str, Any]:
        command = [str(self._java), *QUICK, "-cp", self._classpath, f"io.sparkledger.{self._name}", *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
        assert done.returncode == 0, done.stderr[-4000:]
        answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return answer
