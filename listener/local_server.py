"""Finds the server that runs on this machine's default data directory, by the note that it leaves there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path


def local_url(environ: Mapping[str, str]) -> str | None:
    """The address of a server that runs here; None where there is none. `SPARKLEDGER_DATA_DIR` names another data directory."""
    share = Path(environ.get("XDG_DATA_HOME") or "~/.local/share").expanduser() / "sparkledger"
    directory = Path(environ["SPARKLEDGER_DATA_DIR"]).expanduser() if environ.get("SPARKLEDGER_DATA_DIR") else share
    try:
        noted = json.loads((directory / "server.json").read_text(encoding="utf-8"))
        url, pid = str(noted["url"]), int(noted["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        os.kill(pid, 0)
    except PermissionError:
        return url  # it runs, as another user
    except OSError:
        return None
    return url
