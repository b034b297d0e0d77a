"""What the jar is made of: the same bytes each time, for Java 8, without a Scala Seq in any signature."""

from __future__ import annotations

import re
import struct
import subprocess
import zipfile
from pathlib import Path

import pytest

from listener.build import JAR, build, find_javac, is_current

JAVA_8 = 52


@pytest.fixture(scope="module")
def classes(jar: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(jar) as archive:
        return {name: archive.read(name) for name in archive.namelist() if name.endswith(".class")}


def test_two_builds_are_equal_bit_for_bit(jar: Path, tmp_path: Path) -> None:
    assert build(tmp_path / "again.jar").read_bytes() == jar.read_bytes()


def test_class_files_are_for_java_8(classes: dict[str, bytes]) -> None:
    assert "io/sparkledger/SparkledgerListener.class" in classes
    assert {name: struct.unpack(">I", content[4:8])[0] for name, content in classes.items()} == dict.fromkeys(classes, JAVA_8)


def test_no_class_refers_to_a_scala_seq(jar: Path, classes: dict[str, bytes]) -> None:
    javap = find_javac().with_name("javap")
    names = [name.removesuffix(".class").replace("/", ".") for name in classes]
    text = subprocess.run([javap, "-v", "-p", "-cp", str(jar), *names], capture_output=True, text=True, check=True).stdout
    assert "scala/collection/Iterable" in text
    assert re.findall(r"scala/collection/(?:immutable/|mutable/)?(?:Seq|List|Buffer)\b.*", text) == []


def test_the_jar_holds_our_package_and_nothing_else(jar: Path) -> None:
    with zipfile.ZipFile(jar) as archive:
        names = archive.namelist()
    assert [name for name in names if not name.startswith(("io/sparkledger/", "META-INF/MANIFEST.MF"))] == []
    assert "io/sparkledger/spark-properties.allow" in names
    assert "io/sparkledger/redaction.regex" in names


def test_a_jar_that_is_not_there_is_not_current(tmp_path: Path) -> None:
    assert not is_current(tmp_path / JAR.name)


def test_a_fresh_jar_is_current(jar: Path) -> None:
    assert is_current(jar)
