"""Finding what the build needs, and saying what is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from listener import build
from listener.errors import BuildError


def test_java_home_is_preferred_over_path(tmp_path: Path) -> None:
    javac = tmp_path / "bin" / "javac"
    javac.parent.mkdir()
    javac.touch()
    assert build.find_javac({"JAVA_HOME": str(tmp_path), "PATH": "/usr/bin"}) == javac


def test_a_missing_compiler_is_told_with_a_hint(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no Java compiler was found in JAVA_HOME or on PATH\n\nhint: install a JDK"):
        build.find_javac({"JAVA_HOME": str(tmp_path), "PATH": str(tmp_path)})


def test_spark_home_is_preferred_over_pyspark(tmp_path: Path) -> None:
    (tmp_path / "jars").mkdir()
    (tmp_path / "jars" / "spark-core_2.12-3.5.1.jar").touch()
    assert build.find_spark_jars({"SPARK_HOME": str(tmp_path)}) == tmp_path / "jars"


def test_a_spark_home_without_jars_falls_back_to_pyspark(tmp_path: Path) -> None:
    assert list(build.find_spark_jars({"SPARK_HOME": str(tmp_path)}).glob("spark-core_*.jar"))


def test_missing_spark_jars_are_told_with_a_hint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(BuildError, match=r"no Spark jars were found.*\n\nhint: run `pip install pyspark`"):
        build.find_spark_jars({"SPARK_HOME": str(tmp_path)})


def test_a_jar_older_than_a_source_is_not_current(tmp_path: Path) -> None:
    jar = tmp_path / "old.jar"
    jar.touch()
    newest = max(path.stat().st_mtime for path in build.sources("java"))
    os.utime(jar, (newest - 10, newest - 10))
    assert not build.is_current(jar)
