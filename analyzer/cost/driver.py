"""The cores and memory of the driver, which is billed like an executor wherever it runs in a container.

Sources: Spark configuration reference (`spark.driver.*`); Spark on Kubernetes (overhead factor 0.4 for non-JVM jobs); EMR Serverless
User Guide, Spark defaults (4 vCPU, 14 GB); EMR release guide (`spark.driver.memory` 2048M), read 2026-11.
"""

from __future__ import annotations

from collections.abc import Mapping

from analyzer.cost.executor_memory import MIB, overhead_factor, parse_bytes

_DEFAULTS = {"emr(serverless)": (4, 14 * 1024 * MIB), "emr(yarn)": (1, 2048 * MIB)}
_LEAST_OVERHEAD_BYTES = 384 * MIB
_FACTOR_KEYS = ("spark.driver.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor")


def driver_shape(conf: Mapping[str, str], platform: str) -> tuple[int, int]:
    """Cores, and bytes with overhead."""
    cores, heap_bytes = _DEFAULTS.get(platform, (1, 1024 * MIB))
    named = conf.get("spark.driver.cores", "")
    cores = int(named) if named.isdigit() and int(named) > 0 else cores
    heap_bytes = parse_bytes(conf.get("spark.driver.memory")) or heap_bytes
    overhead_bytes = parse_bytes(conf.get("spark.driver.memoryOverhead"))
    if overhead_bytes is None:
        overhead_bytes = max(_LEAST_OVERHEAD_BYTES, int(heap_bytes * overhead_factor(conf, platform, _FACTOR_KEYS)))
    return cores, heap_bytes + overhead_bytes


def on_primary_node(conf: Mapping[str, str]) -> bool:
    """Whether the driver runs outside the containers of a YARN cluster: in client mode."""
    return conf.get("spark.submit.deployMode", "client").lower() != "cluster"
