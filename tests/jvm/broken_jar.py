"""Jars of the listener in which the plugin fails: classes that are missing, and classes whose methods throw."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

from listener.build import find_javac

SOURCES = Path(__file__).parent / "broken"
ENTRY_POINTS = ("SparkledgerPlugin", "DriverSide", "ExecutorSide")
"""What Spark itself calls; all else may be missing."""
_PACKAGE = "io/sparkledger/"


def without_internals(jar: Path, target: Path) -> Path:
    """The entry points alone: whatever they call cannot be loaded."""
    return _copy(jar, target, lambda name: name.removesuffix(".class").removeprefix(_PACKAGE) in ENTRY_POINTS, {})


def with_failing_methods(jar: Path, spark_jars: Path, target: Path) -> Path:
    """The whole jar, with the two classes behind the entry points replaced by those of `broken/`."""
    classes = target.parent / "broken-classes"
    needed = [jar, *(path for name in ("spark-core_", "scala-library-") for path in spark_jars.glob(f"{name}*.jar"))]
    command = [find_javac(), "--release", "8", "-nowarn", "-Xlint:none", "-proc:none", "-cp", ":".join(map(str, needed)), "-d", classes]
    done = subprocess.run([*map(str, command), *map(str, SOURCES.glob("*.java"))], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    replaced = {path.relative_to(classes).as_posix(): path.read_bytes() for path in classes.rglob("*.class")}
    return _copy(jar, target, lambda _: True, replaced)


def _copy(jar: Path, target: Path, keep: Callable[[str], bool], replaced: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(target, "w") as copy:
        for name in source.namelist():
            if keep(name):
                copy.writestr(name, replaced.get(name, source.read(name)))
    return target
