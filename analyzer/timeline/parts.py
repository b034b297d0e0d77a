"""The parts that an executor's paid core time falls into, each with the knob that moves it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["slot_idle", "lost", "in_task"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part. `slot_idle`: no task held the core; `lost`: a task whose result was not used; `in_task`: inside a successful task."""

    name: str
    label: str
    kind: Kind
    knob: str
    """What a user changes to make it smaller."""


PARTS = (
    Part(
        "ramp_up",
        "before the first task",
        "slot_idle",
        "fewer or later executors: spark.dynamicAllocation.initialExecutors, spark.executor.instances",
    ),
    Part(
        "driver_only",
        "driver only",
        "slot_idle",
        "driver code between jobs (collect, listing, planning); dynamic allocation releases meanwhile",
    ),
    Part("between_stages", "between stages", "slot_idle", "fewer, larger stages and jobs; driver cores; spark.locality.wait"),
    Part(
        "waiting_on_stragglers",
        "waiting on stragglers",
        "slot_idle",
        "the long tasks: skewed keys, uneven files, spark.sql.adaptive.skewJoin, speculation",
    ),
    Part(
        "too_few_tasks",
        "too few tasks",
        "slot_idle",
        "more partitions (spark.sql.files.maxPartitionBytes, spark.sql.shuffle.partitions) or fewer executors",
    ),
    Part(
        "released_late",
        "released too late",
        "slot_idle",
        "spark.dynamicAllocation.executorIdleTimeout, minExecutors; stop the context after the last job",
    ),
    Part(
        "other_idle",
        "idle while tasks waited",
        "slot_idle",
        "spark.locality.wait, spark.task.cpus that do not divide the cores, a busy driver",
    ),
    Part("failed_or_rerun", "failed or run again", "lost", "the cause of the failures; decommissioning with shuffle migration on Spot"),
    Part("speculative_losers", "speculative losers", "lost", "spark.speculation.quantile, spark.speculation.multiplier"),
    Part(
        "scheduling", "scheduling, (de)serialisation, results", "in_task", "fewer, longer tasks; smaller closures and results; driver cores"
    ),
    Part("gc", "garbage collection", "in_task", "memory a task: spark.executor.memory, fewer cores an executor; fewer objects"),
    Part(
        "fetch_wait",
        "shuffle fetch wait",
        "in_task",
        "less shuffle (broadcast joins, earlier filters); spark.reducer.maxSizeInFlight, network, disks",
    ),
    Part("spill", "spill (estimated)", "in_task", "more partitions or more memory a task"),
    Part(
        "io_wait",
        "waiting for input and output",
        "in_task",
        "file sizes and formats, pruning, S3A settings; Python workers, and waits for a processor, count here",
    ),
    Part("useful_cpu", "useful CPU", "in_task", "the program itself"),
)
POSITION = {part.name: place for place, part in enumerate(PARTS)}
