"""Spark's own History Server, from its start until its REST API knows every stage of one log."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pyspark

from bench.replicate import Replica

HEAP = "-Xmx4g"
PATIENCE_S = 3600
_POLL_S = 0.1
_ENDED = ("COMPLETE", "FAILED")


def history_server_s(replica: Replica, app_id: str, folder: Path, *, on_disk: bool) -> float:
    """Seconds from the start of the JVM to the answer with all stages. `on_disk` keeps its store in RocksDB instead of memory."""
    logs = folder / "history-logs"
    logs.mkdir()
    (logs / app_id).hardlink_to(replica.path)
    port = _free_port()
    options = {"spark.history.fs.logDirectory": logs.as_uri(), "spark.history.ui.port": port}
    if on_disk:
        options |= {"spark.history.store.path": str(folder / "history-store"), "spark.history.store.hybridStore.diskBackend": "ROCKSDB"}
    command = ["java", HEAP, *add_opens(), *(f"-D{key}={value}" for key, value in options.items())]
    command += ["-cp", f"{Path(pyspark.__file__).parent / 'jars'}/*", "org.apache.spark.deploy.history.HistoryServer"]
    started = time.perf_counter()
    server = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        url = f"http://127.0.0.1:{port}/api/v1/applications/{app_id}/stages"
        while _ended_stages(url) < replica.stages:
            if server.poll() is not None or time.perf_counter() - started > PATIENCE_S:
                raise RuntimeError(f"the History Server gave no answer (exit status {server.poll()})")
            time.sleep(_POLL_S)
        return time.perf_counter() - started
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(logs)


def _ended_stages(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=PATIENCE_S) as response:
            stages: list[dict[str, Any]] = json.load(response)
    except (urllib.error.URLError, OSError):
        return -1
    return sum(stage["status"] in _ENDED for stage in stages)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def add_opens() -> list[str]:
    """What Spark asks of the JVM (`JavaModuleOptions` in Apache Spark), as far as programs that read event logs need it."""
    packages = ("java.lang", "java.lang.invoke", "java.io", "java.net", "java.nio", "java.util", "java.util.concurrent", "sun.nio.ch")
    return [f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in packages]
