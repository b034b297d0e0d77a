"""The memory that an executor is given: heap, overhead, off-heap and Python, from a resource profile or the configuration.

Sources: Spark configuration reference (`spark.executor.memoryOverhead*`, `spark.memory.offHeap.*`,
`spark.executor.pyspark.memory`); Spark on Kubernetes (overhead factor 0.4 for non-JVM jobs); EMR on EC2 (overhead
factor 0.1875), read 2026-11.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MIB = 1 << 20
_SIZE = re.compile(r"^\s*(\d+)\s*([kmgtp]?)(?:i?b)?\s*$", re.IGNORECASE)
_POWERS = {"k": 1, "m": 2, "g": 3, "t": 4, "p": 5}
_FACTOR_KEYS = ("spark.executor.memoryOverheadFactor", "spark.kubernetes.memoryOverheadFactor", "spark.yarn.executor.memoryOverheadFactor")
_OVERHEAD_KEYS = ("spark.executor.memoryOverhead", "spark.yarn.executor.memoryOverhead")


@dataclass(frozen=True, slots=True)
class ExecutorMemory:
    """Bytes that one executor is given, by what they are for."""

    heap_bytes: int
    overhead_bytes: int
    off_heap_bytes: int
    pyspark_bytes: int

    @property
    def total_bytes(self) -> int:
        return self.heap_bytes + self.overhead_bytes + self.off_heap_bytes + self.pyspark_bytes


def parse_bytes(text: str | None, *, bare_unit: int = MIB) -> int | None:
    """Bytes of a Spark size such as `4g` or `512`; a bare number counts in `bare_unit`. None where it is no size."""
    match = _SIZE.match(text or "")
    if match is None:
        return None
    number, unit = int(match[1]), match[2].lower()
    return number * (1024 ** _POWERS[unit] if unit else bare_unit)


def executor_memory(conf: Mapping[str, str], platform: str, profile: Mapping[str, Any] | None = None) -> ExecutorMemory:
    """The memory of executors of a resource profile (a row of `resource_profiles`), or of the configuration where it is None.

    `platform` is one of `analyzer.profiles.platform`. Standalone executors, and those taken for such (`standalone?`), have no
    container, hence no overhead.
    """
    profile = profile or {}
    heap = int(profile.get("executor_memory_bytes") or 0) or parse_bytes(conf.get("spark.executor.memory")) or 1024 * MIB
    overhead = int(profile.get("executor_memory_overhead_bytes") or 0) or _overhead(conf, platform, heap)
    off_heap = int(profile.get("executor_off_heap_bytes") or 0) or _off_heap(conf)
    pyspark = int(profile.get("executor_pyspark_memory_bytes") or 0) or parse_bytes(conf.get("spark.executor.pyspark.memory")) or 0
    return ExecutorMemory(heap, overhead, off_heap, pyspark)


def _overhead(conf: Mapping[str, str], platform: str, heap_bytes: int) -> int:
    if platform.rstrip("?") in ("standalone", "local"):
        return 0
    for key in _OVERHEAD_KEYS:
        size = parse_bytes(conf.get(key))
        if size is not None:
            return size
    least = parse_bytes(conf.get("spark.executor.minMemoryOverhead")) or 384 * MIB
    return max(least, int(heap_bytes * overhead_factor(conf, platform, _FACTOR_KEYS, 0.1875 if platform == "emr(yarn)" else 0.1)))


def overhead_factor(conf: Mapping[str, str], platform: str, keys: Sequence[str], otherwise: float = 0.1) -> float:
    """What the heap is multiplied by for its overhead: the first of `keys` that is set, else the platform's own."""
    for key in keys:
        try:
            return float(conf[key])
        except (KeyError, ValueError):
            continue
    return 0.4 if "k8s" in platform and conf.get("spark.kubernetes.resource.type") in ("python", "r") else otherwise


def _off_heap(conf: Mapping[str, str]) -> int:
    if conf.get("spark.memory.offHeap.enabled", "false").lower() != "true":
        return 0
    return parse_bytes(conf.get("spark.memory.offHeap.size"), bare_unit=1) or 0
