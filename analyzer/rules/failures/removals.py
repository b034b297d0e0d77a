"""Why an executor was removed, from the words of the cluster manager."""

from __future__ import annotations

import re

RELEASED = "released"
CAUSES = (
    (RELEASED, r"idle|killed by driver|explicit termination request|application finished|shutting down|stopped by driver"),
    # 137 is SIGKILL, the kernel's or the kubelet's way of ending a container over its limit; 52 is Spark's own code for OutOfMemoryError.
    (
        "out_of_memory",
        r"exceeding (physical |virtual )?memory|OOMKilled|OutOfMemory|possible container OOM|(exit code|exit status|code):? (137|52)\b",
    ),
    ("decommissioned", r"decommission"),
    ("preempted", r"preempt"),
    ("node_lost", r"lost.{0,3} node|node.*(lost|unhealthy|terminat)|worker lost|exit status: -100\b|bad node"),
    ("heartbeat", r"heartbeat|(exit code|code):? 56\b"),
)
NODE_CAUSES = ("decommissioned", "preempted", "node_lost")
"""The machine went, not the process: what happens to Spot capacity."""
_PATTERNS = tuple((cause, re.compile(pattern, re.IGNORECASE)) for cause, pattern in CAUSES)


def cause_of(reason: str) -> str:
    """The first of CAUSES whose words are in the reason: `released` for an executor that was meant to go; `unknown` for none."""
    return next((cause for cause, pattern in _PATTERNS if pattern.search(reason)), "unknown")
