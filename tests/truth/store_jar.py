"""Compiles the file system that stands for an object store."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

SOURCE = Path(__file__).parent / "store" / "LatentStore.java"
CLASS = "io.sparkledger.truth.LatentStore"


class NoCompiler(RuntimeError):
    """There is no Java compiler."""


def store_jar(spark_home: Path, folder: Path) -> Path:
    """The jar, compiled against this Spark's Hadoop where it is not in the folder or older than its source."""
    jar = folder / "latent-store.jar"
    if jar.is_file() and jar.stat().st_mtime >= SOURCE.stat().st_mtime:
        return jar
    if shutil.which("javac") is None:
        raise NoCompiler("no `javac` on the path\n\nhint: install a JDK, version 11 or later")
    folder.mkdir(parents=True, exist_ok=True)
    classpath = ":".join(str(path) for path in (spark_home / "jars").glob("hadoop-client-*.jar"))
    with tempfile.TemporaryDirectory() as scratch:
        command = ["javac", "--release", "8", "-Xlint:none", "-cp", classpath, "-d", scratch, str(SOURCE)]
        subprocess.run(command, check=True, capture_output=True, text=True)
        with zipfile.ZipFile(jar, "w") as archive:
            for path in Path(scratch).rglob("*.class"):
                archive.write(path, path.relative_to(scratch))
    return jar
