"""Spark releases to test against: the installed PySpark where it is the one, else unpacked from PySpark's source distribution.

The distribution holds Spark's own `bin` and `jars` and PySpark as an archive. Unpacking it takes a fraction of what pip takes to build and
install it, and needs no environment of its own.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version
from pathlib import Path
from typing import NamedTuple

FOLDERS = {"deps/bin/": "bin/", "deps/jars/": "jars/", "lib/": "python/lib/"}
"""Where a folder of the distribution belongs below `SPARK_HOME`. Source: setup.py of PySpark 3.3 to 4.3."""


class Spark(NamedTuple):
    """A release: its `SPARK_HOME`, and the Python that its drivers run with."""

    home: Path
    python: str


def release(version: str) -> Spark:
    """The release, downloaded below `$SPARKLEDGER_SPARK_CACHE` (by default `~/.cache/sparkledger/spark`) where it is not there."""
    if version == _installed():
        found = importlib.util.find_spec("pyspark")
        assert found is not None
        assert found.origin is not None
        return Spark(Path(found.origin).parent, sys.executable)
    cache = Path(os.environ.get("SPARKLEDGER_SPARK_CACHE", Path.home() / ".cache" / "sparkledger" / "spark"))
    home = cache / f"spark-{version}"
    if not home.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix="download-") as scratch:
            unpack(_download(version, Path(scratch)), Path(scratch) / "home")
            (Path(scratch) / "home").replace(home)
    # Without this environment's packages: PySpark comes from the release's own archive.
    return Spark(home, str(getattr(sys, "_base_executable", sys.executable)))


def unpack(distribution: Path, home: Path) -> None:
    """Lays out a source distribution of PySpark as a `SPARK_HOME`."""
    with tarfile.open(distribution) as archive:
        for member in archive:
            inside = member.name.partition("/")[2]
            folder = next((folder for folder in FOLDERS if inside.startswith(folder)), None)
            content = archive.extractfile(member) if folder is not None and member.isfile() else None
            if content is None or folder is None:
                continue
            target = home / FOLDERS[folder] / inside.removeprefix(folder)
            target.parent.mkdir(parents=True, exist_ok=True)
            with content, target.open("wb") as file:
                shutil.copyfileobj(content, file, 1 << 20)
            target.chmod(member.mode & 0o755)


def _installed() -> str:
    try:
        return installed_version("pyspark")
    except PackageNotFoundError:
        return ""


def _download(version: str, folder: Path) -> Path:
    """pip asks the distribution for its metadata, which is quick where what builds it is at hand and needs no environment made for it."""
    at_hand = ["--no-build-isolation"] if all(map(importlib.util.find_spec, ("setuptools", "wheel"))) else []
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", *at_hand]
    subprocess.run([*command, "--no-binary", "pyspark", "--dest", str(folder), f"pyspark=={version}"], check=True)
    (distribution,) = folder.glob("pyspark-*.tar.gz")
    return distribution
