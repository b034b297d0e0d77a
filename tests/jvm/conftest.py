"""The listener's jar, built from the sources that are here."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from listener.build import build


@pytest.fixture(scope="session")
def jar(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh build of the listener, or the one that `SPARKLEDGER_TEST_JAR` names."""
    if "SPARKLEDGER_TEST_JAR" in os.environ:
        return Path(os.environ["SPARKLEDGER_TEST_JAR"])
    return build(tmp_path_factory.mktemp("jar") / "sparkledger-listener.jar")
