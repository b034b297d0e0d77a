"""Packages of PyPI, by pip, checked by the digests pinned here."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.commands import PeerUnavailable, reason

_PIP = ("-m", "pip", "--quiet", "--disable-pip-version-check")


def install(python: Path, pinned: Mapping[str, str], others: Sequence[str]) -> None:
    """Install the packages of `pinned`, each with its digest, and `others`, nothing that they ask for besides.

    Raises:
        PeerUnavailable: with what pip said.
    """
    with tempfile.TemporaryDirectory() as name:
        requirements = _requirements(Path(name), pinned)
        _run([str(python), *_PIP, "install", "--no-deps", "--only-binary=:all:", "--require-hashes", "-r", str(requirements)])
    _run([str(python), *_PIP, "install", "--no-deps", "--only-binary=:all:", *others])


def download(pinned: Mapping[str, str], folder: Path) -> Path:
    """The one wheel of `pinned`, downloaded to `folder`; no need that this Python can use it.

    Raises:
        PeerUnavailable: with what pip said.
    """
    command = [sys.executable, *_PIP, "download", "--no-deps", "--only-binary=:all:", "--python-version=3.12", "--require-hashes"]
    with tempfile.TemporaryDirectory() as name:
        _run([*command, "--dest", str(folder), "-r", str(_requirements(Path(name), pinned))])
    (wheel,) = folder.glob("*.whl")
    return wheel


def _requirements(folder: Path, pinned: Mapping[str, str]) -> Path:
    path = folder / "requirements.txt"
    path.write_text("".join(f"{package} --hash=sha256:{digest}\n" for package, digest in pinned.items()))
    return path


def _run(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PeerUnavailable(f"pip: {reason(done.stderr)}")
