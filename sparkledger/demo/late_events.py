"""Events that a busy machine's server did not take before the job was over: they wait in the spool, and are imported from there."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from sparkledger.demo.errors import DemoError


def patient_delivery(data: Path) -> dict[str, str]:
    """Spark properties with which a job waits as long as it can for its collector, and spools under `data`."""
    return {
        "spark.sparkledger.read.timeout": "60s",
        "spark.sparkledger.flush.timeout": "25s",
        "spark.sparkledger.spool.dir": str(_spool(data)),
    }


def import_late_events(data: Path) -> bool:
    """Import what waits in the spool, if anything, and remove it; DemoError where that fails. Returns whether something waited."""
    spool = _spool(data)
    if not any(spool.glob("eventlog_v2_*")):
        return False
    command = [sys.executable, "-m", "sparkledger", "--data", str(data), "import", str(spool)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise DemoError(f"what waits in {spool} was not imported:\n{done.stderr.strip()}", f"sparkledger --data {data} import {spool}")
    shutil.rmtree(spool)
    return True


def _spool(data: Path) -> Path:
    return data / "spool"
