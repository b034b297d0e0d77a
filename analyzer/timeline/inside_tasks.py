"""What a successful task did with the time that it held its slot."""

from __future__ import annotations

import numpy as np

from analyzer.timeline.history import Flags, Ints, Tasks


def inside(tasks: Tasks, held_ms: Ints, which: Flags) -> dict[str, Ints]:
    """Milliseconds of each in-task part inside the tasks of `which`, by name; a task's sum to `held_ms`, others are 0.

    The parts overlap in reality and are taken in this order, each at most what is left: CPU time of the task's thread,
    garbage collection, shuffle fetch wait; what remains of the run time is a wait for disk, network or a Python worker.
    Spark does not measure the time that spilling takes, so a spilling task's wait is divided by bytes: spilled bytes count
    twice, written and read back, against input, output and shuffle writes. Time outside the run time is scheduling.
    Where an application never reports CPU time (Spark before 2.1) its waits cannot be told from its CPU and count as CPU.
    """
    held = np.where(which, held_ms, 0)
    run = np.minimum(np.where(tasks.measured, tasks.run_ms, held), held)
    left = run
    result = {"scheduling": held - run}
    for name, column in (("useful_cpu", tasks.cpu_ms), ("gc", tasks.gc_ms), ("fetch_wait", tasks.fetch_wait_ms)):
        result[name] = np.minimum(column, left)
        left = left - result[name]
    result["spill"] = _spill(tasks, left)
    left = left - result["spill"]
    waits = tasks.measured & reports_cpu(tasks)
    result["io_wait"] = np.where(waits, left, 0)
    result["useful_cpu"] = result["useful_cpu"] + np.where(waits, 0, left)
    return result


def _spill(tasks: Tasks, wait_ms: Ints) -> Ints:
    """The share of each task's wait that its spilled bytes have in all that it moved."""
    result = np.zeros(len(tasks), np.int64)
    which = np.flatnonzero(tasks.spilled_bytes)
    spilled = tasks.spilled_bytes[which].astype(np.float64) * 2
    result[which] = np.minimum(np.floor(wait_ms[which] * (spilled / (spilled + tasks.moved_bytes[which]))).astype(np.int64), wait_ms[which])
    return result


def reports_cpu(tasks: Tasks) -> bool:
    """Whether any task says how much CPU time it took."""
    return bool((tasks.cpu_ms > 0).any()) or not bool((tasks.run_ms > 0).any())
