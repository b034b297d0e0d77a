"""A standalone cluster within the driver's JVM: one master, and workers on loopback addresses of their own, which Spark takes for hosts.

Executors are processes of their own, as on any cluster. `local-cluster` would put all on one host, where speculation copies nothing.
"""

from __future__ import annotations

import os
import shutil
import signal
import time
from pathlib import Path

from pyspark import SparkContext

WORKER_MEMORY_MIB = 16_384


class Cluster:
    """Workers of `cores` cores, one a host, each for one executor."""

    def __init__(self, workers: int, cores: int, folder: Path) -> None:
        self._gateway, self._jvm = SparkContext._gateway, SparkContext._jvm
        self._folder = folder / "work"
        conf = self._jvm.org.apache.spark.SparkConf(False)
        deploy = self._jvm.org.apache.spark.deploy
        self._master_env = deploy.master.Master.startRpcEnvAndEndpoint("127.0.0.1", 0, 0, conf)._1()
        self.master = f"spark://127.0.0.1:{self._master_env.address().port()}"
        self.size = workers
        none = getattr(getattr(self._jvm.scala, "None$"), "MODULE$")
        urls = self._gateway.new_array(self._jvm.java.lang.String, 1)
        urls[0] = self.master
        self._workers = [
            deploy.worker.Worker.startRpcEnvAndEndpoint(
                host, 0, 0, cores, WORKER_MEMORY_MIB, urls, str(self._folder / host), none, conf, none
            )
            for host in (f"127.0.0.{number + 2}" for number in range(workers))
        ]

    def kill_executors(self, count: int) -> None:
        """What a container runtime does to an executor over its limit."""
        for pid in self.executor_pids()[:count]:
            os.kill(pid, signal.SIGKILL)

    def freeze_executor(self, seconds: float) -> None:
        """One executor stops answering for a while, as on a machine that swaps."""
        pid = self.executor_pids()[0]
        os.kill(pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(pid, signal.SIGCONT)

    def lose_worker(self) -> None:
        """A machine goes: its worker is gone at once, and its executor with it."""
        host = f"127.0.0.{self.size + 1}"
        pids = [pid for pid in self.executor_pids() if f"--hostname\0{host}\0" in _command_line(pid)]
        self._workers.pop().shutdown()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)

    def executor_pids(self) -> list[int]:
        """Executors that this JVM started, oldest first."""
        jvm = int(self._jvm.java.lang.ProcessHandle.current().pid())
        return sorted(
            int(entry)
            for entry in os.listdir("/proc")
            if entry.isdigit() and _parent(int(entry)) == jvm and "CoarseGrainedExecutorBackend" in _command_line(int(entry))
        )

    def stop(self) -> None:
        """Ends workers and master; the executors have ended with their application."""
        for env in (*self._workers, self._master_env):
            env.shutdown()
            env.awaitTermination()
        shutil.rmtree(self._folder, ignore_errors=True)


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return 0


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
