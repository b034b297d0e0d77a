"""What this machine has: the listener's jar with its class, and Java for jobs that start here."""

from __future__ import annotations

import shutil
import subprocess
import zipfile
from collections.abc import Iterator
from pathlib import Path

from listener.conf import LISTENER_CLASS, jar_path
from listener.errors import JarMissingError
from sparkledger.cli.doctor_checks.check import Check

_JAVA_TIMEOUT_S = 60


def machine() -> Iterator[Check]:
    """Jar, class and Java."""
    try:
        jar = jar_path()
    except JarMissingError as error:
        yield Check("listener jar", False, error.message, error.hint)
    else:
        yield Check("listener jar", True, str(jar))
        yield listener_class(jar)
    yield java()


def listener_class(jar: Path) -> Check:
    """Whether the jar holds the class that `spark.extraListeners` names: without it Spark does not start."""
    hint = "build it again with `python -m listener.build`, or install the package again"
    try:
        with zipfile.ZipFile(jar) as archive:
            there = f"{LISTENER_CLASS.replace('.', '/')}.class" in archive.namelist()
    except (OSError, zipfile.BadZipFile) as error:
        return Check("listener class", False, f"`{jar}` is no jar: {error}", hint)
    return Check("listener class", there, LISTENER_CLASS if there else f"`{jar}` has no {LISTENER_CLASS}", "" if there else hint)


def java() -> Check:
    """Java on PATH."""
    hint = "only jobs that start on this machine need it: install a JRE, 17 or newer"
    program = shutil.which("java")
    if program is None:
        return Check("java", False, "not on PATH", hint, needed=False)
    try:
        said = subprocess.run([program, "-version"], capture_output=True, text=True, timeout=_JAVA_TIMEOUT_S, check=True).stderr
    except (OSError, subprocess.SubprocessError) as error:
        return Check("java", False, f"{program} does not run: {error}", hint, needed=False)
    return Check("java", True, said.splitlines()[0] if said else program, needed=False)
