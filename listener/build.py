"""Compiles the listener into `listener/jars/sparkledger-listener.jar`, the same bytes each time.

Needs a JDK of 9 or later (class files are for Java 8) and the jars of any supported Spark to compile against. `python -m listener.build`
prints the path of the jar. Imports nothing of ours but what stands beside it, so that the wheel's build can run it from the source tree.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from listener.errors import BuildError, ListenerError

PACKAGE = Path(__file__).resolve().parent
SOURCES = PACKAGE / "jvm" / "src" / "main"
JAR = PACKAGE / "jars" / "sparkledger-listener.jar"

MANIFEST = "Manifest-Version: 1.0\r\nImplementation-Title: sparkledger-listener\r\n\r\n"
EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest time a zip entry can bear; a real one would make each build differ."""

# The compiler ends before the JVM could profit from optimising it: about half of the CPU time.
SHORT_RUN = ("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC")
COMPILER_OPTIONS = ("--release", "8", "-encoding", "UTF-8", "-proc:none", "-nowarn", "-Xlint:none", "-g:source,lines")


def build(output: Path = JAR, environ: Mapping[str, str] = os.environ) -> Path:
    """Compiles and packs the listener.

    Returns:
        The path of the jar, which is written whole or not at all.

    Raises:
        BuildError: no JDK, no Spark jars, or the compiler refused the sources.
    """
    compiler, jars = find_javac(environ), find_spark_jars(environ)
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="sparkledger-build-") as scratch:
        classes = Path(scratch) / "classes"
        _compile(compiler, jars, sources("java"), classes)
        packed = Path(scratch) / output.name
        _pack(packed, classes)
        staged = output.with_suffix(f".{os.getpid()}.tmp")
        shutil.copyfile(packed, staged)
        staged.replace(output)
    return output


def is_current(jar: Path = JAR) -> bool:
    """Whether the jar exists and no source is newer."""
    if not jar.is_file():
        return False
    built = jar.stat().st_mtime
    return all(path.stat().st_mtime <= built for path in (*sources("java"), *_resources()))


def find_javac(environ: Mapping[str, str] = os.environ) -> Path:
    """The Java compiler of `JAVA_HOME`, else the one on `PATH`."""
    home = environ.get("JAVA_HOME", "")
    if home and (Path(home) / "bin" / "javac").is_file():
        return Path(home) / "bin" / "javac"
    found = shutil.which("javac", path=environ.get("PATH", ""))
    if found is None:
        raise BuildError("no Java compiler was found in JAVA_HOME or on PATH", "install a JDK of 11 or later, or set JAVA_HOME to one")
    return Path(found)


def find_spark_jars(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of Spark's jars: that of `SPARK_HOME`, else that of the installed pyspark (which is not imported)."""
    for folder in _spark_jar_folders(environ):
        if any(folder.glob("spark-core_*.jar")):
            return folder
    raise BuildError(
        "no Spark jars were found in SPARK_HOME/jars or in an installed pyspark", "run `pip install pyspark`, or set SPARK_HOME"
    )


def sources(suffix: str) -> list[Path]:
    """The files of `jvm/src/main` with that suffix, in the order in which they are compiled."""
    return sorted(SOURCES.rglob(f"*.{suffix}"))


def _spark_jar_folders(environ: Mapping[str, str]) -> Iterator[Path]:
    if environ.get("SPARK_HOME"):
        yield Path(environ["SPARK_HOME"]) / "jars"
    found = importlib.util.find_spec("pyspark")
    if found is not None and found.origin is not None:
        yield Path(found.origin).parent / "jars"


def _compile(compiler: Path, jars: Path, files: list[Path], classes: Path) -> None:
    command = [str(compiler), *SHORT_RUN, *COMPILER_OPTIONS, "-cp", f"{jars}{os.sep}*", "-d", str(classes), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BuildError(f"{compiler} refused the listener's sources:\n{done.stderr.strip()}", "compile with a JDK of 11 or later")


def _pack(jar: Path, classes: Path) -> None:
    entries = {path.relative_to(classes).as_posix(): path.read_bytes() for path in classes.rglob("*.class")}
    entries |= {path.relative_to(SOURCES / "resources").as_posix(): path.read_bytes() for path in _resources()}
    with zipfile.ZipFile(jar, "w") as archive:
        _write(archive, "META-INF/MANIFEST.MF", MANIFEST.encode())
        for name in sorted(entries):
            _write(archive, name, entries[name])


def _write(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    entry = zipfile.ZipInfo(name, EPOCH)
    entry.external_attr = 0o644 << 16
    entry.create_system = 3
    # Stored, since compressed bytes depend on the version of zlib; a wheel compresses the jar anyway.
    archive.writestr(entry, content, zipfile.ZIP_STORED)


def _resources() -> list[Path]:
    return sorted(path for path in (SOURCES / "resources").rglob("*") if path.is_file())


def main() -> int:
    """Builds the jar; its path goes to standard output."""
    try:
        print(build())
    except ListenerError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
