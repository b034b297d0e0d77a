"""How executors are made larger or smaller: by settings, or, where the platform sizes them, by another type of worker."""

from __future__ import annotations

import math
from collections.abc import Mapping

from analyzer.rules.base import Application, Change

_COUNTS = (
    "spark.executor.instances",
    "spark.dynamicAllocation.minExecutors",
    "spark.dynamicAllocation.initialExecutors",
    "spark.dynamicAllocation.maxExecutors",
)
"""Settings that count executors."""


def resized(application: Application, summary: str, conf: Mapping[str, str], risk: str) -> Change:
    """The change of an executor's size, as settings where Spark heeds them."""
    if application.workers_fixed:
        return Change(
            f"{summary}: here by another type of worker, since an executor is as large as its worker",
            effort="medium",
            risk=risk,
            rollback="restore the former type of worker",
        )
    return Change(summary, conf, risk=risk)


def fewer_cores(application: Application) -> int | None:
    """Half the cores of an executor, in whole tasks; None where it has two at most, or a task needs more than half."""
    half = application.cores_per_executor // 2
    fewer = half - half % application.task_cpus
    return fewer if application.cores_per_executor > 2 and fewer > 0 else None


def counts_for(application: Application, times: float) -> dict[str, str]:
    """The numbers of executors that are set, for executors of which `times` as many are wanted."""
    asked = {key: application.conf.get(key, "").strip() for key in _COUNTS}
    return {key: str(math.ceil(int(number) * times)) for key, number in asked.items() if number.isdecimal() and int(number) > 0}
