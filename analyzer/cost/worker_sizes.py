"""The worker sizes of EMR Serverless: what an executor is rounded up to.

Source: AWS, Amazon EMR Serverless User Guide, "Worker configurations", read 2026-11.
"""

from __future__ import annotations

import math

# vCPU -> (least GiB, most GiB, step in GiB)
WORKER_SIZES = {1: (2, 8, 1), 2: (4, 16, 1), 4: (8, 30, 1), 8: (16, 60, 4), 16: (32, 120, 8)}


def worker_size(cores: float, memory_gib: float) -> tuple[float, float]:
    """The smallest worker (vCPU, GiB) that holds the executor; the executor itself where no worker is large enough."""
    for vcpu, (least, most, step) in WORKER_SIZES.items():
        if cores <= vcpu and memory_gib <= most:
            steps = max(0, math.ceil((memory_gib - least) / step))
            return float(vcpu), float(min(most, least + steps * step))
    return float(cores), float(memory_gib)
