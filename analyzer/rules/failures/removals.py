"""Why an executor was removed, from the words of the cluster manager."""

from __future__ import annotations

import re

from analyzer.rules.base import Application

RELEASED = "released"
CAUSES = (
    # Dynamic allocation decommissions what it releases where decommissioning is on (`spark scale down`).
    (RELEASED, r"idle|killed by driver|explicit termination request|application finished|shutting down|stopped by driver|spark scale down"),
    # 137 is SIGKILL, the kernel's or the kubelet's way of ending a container over its limit; 52 is Spark's own code for OutOfMemoryError.
    ("out_of_memory", r"exceeding (physical |virtual )?memory|OOMKilled|possible container OOM|(exit code|exit status|code):? 137\b"),
    ("heap_exhausted", r"OutOfMemory|(exit code|exit status|code):? 52\b"),
    ("decommissioned", r"decommission"),
    ("preempted", r"preempt"),
    # YARN's -100 is a node that went, -101 one whose disks failed. "Container from a bad node" is what Spark calls any other failure there.
    ("node_lost", r"lost.{0,3} node|node.*(lost|unhealthy|terminat)|exit status: -10[01]\b"),
    # The master of a standalone cluster gives a worker up that it has not heard of for spark.worker.timeout; it may still run.
    ("worker_lost", r"worker lost"),
    ("heartbeat", r"heartbeat|(exit code|code):? 56\b"),
)
NODE_CAUSES = ("decommissioned", "preempted", "node_lost", "worker_lost")
"""The machine went or was given up, not the process alone: what happens to Spot capacity."""
SWITCHES = ("spark.decommission.enabled", "spark.storage.decommission.enabled")
_PATTERNS = tuple((cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in CAUSES)


def cause_of(reason: str) -> str:
    """The first of CAUSES whose words are in the reason: `released` for an executor that was meant to go; `unknown` for none."""
    return next((cause for cause, pattern in _PATTERNS if pattern.search(reason)), "unknown")


def decommission_conf(application: Application) -> dict[str, str]:
    """Settings still off that let executors move their blocks before they go; none before Spark 3.1, which has no such thing."""
    if application.spark_line < (3, 1):
        return {}
    return {key: "true" for key in SWITCHES if not application.enabled(key, default=False)}


def machines_went(application: Application) -> bool:
    """Whether any executor left with its machine, so that moving its blocks first could have helped."""
    return any(e.removed_reason and cause_of(e.removed_reason) in NODE_CAUSES for e in application.executors)
