"""Rules, waterfall and what-if replay over one large application: seconds for a million tasks, and how they grow.

The application is synthetic: stages one after the other with log-normal task times, scheduled on the executors by the same
list scheduling that Spark's FIFO scheduler amounts to. The seed is fixed.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from analyzer.cost.book import load_price_book
from analyzer.cost.price import Target
from analyzer.timeline.allocation import DynamicAllocation, fixed_allocation, with_dynamic
from analyzer.timeline.history import UNKNOWN, ExecutorLives, History, Ints, Job, StageAttempts, Tasks
from analyzer.timeline.plan import Plan, plan_of
from analyzer.timeline.reclaims import Reclaim, SpotFleet, replay_with_reclaims
from analyzer.timeline.replay import replay
from analyzer.timeline.waterfall import waterfall
from analyzer.timeline.whatif import Choice, predict
from bench.plots import PLOTS, seconds_by_tasks
from bench.rules import measure
from collector.storage import Store, open_store

SEED = 20_261_123
STAGES = 20
EXECUTORS, CORES = 100, 4
GAP_MS = 2_000
PARETO = tuple(range(10, 410, 10))
SPOT = SpotFleet(2, 0.2, EXECUTORS // 2, notice_ms=120_000, replace_ms=210_000, decommission=False)
CURVES = {"analyse_s": "a whole analysis", "all_rules_s": "all rules", "pareto_40_s": "Pareto of 40 points", "what_if_s": "one what-if"}
RECLAIMS = tuple(Reclaim(minute * 60_000, 0.0, (0.3, 0.6)) for minute in range(5, 65, 20))


def run(args: Sequence[str]) -> dict[str, Any]:
    """Measure; `--tasks` for the largest application (1,000,000), a tenth and a hundredth of it for the cost curve."""
    parser = argparse.ArgumentParser(prog="python -m bench whatif", description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args(args)
    with tempfile.TemporaryDirectory(prefix="sparkledger-bench-") as directory, open_store(Path(directory) / "data") as store:
        rows = [_measured(store, max(STAGES, options.tasks // share), options.repeats) for share in (100, 10, 1)]
    largest = rows[-1]
    figures = {name: value for name, value in largest.items() if name != "tasks"}
    table = Table(*largest, title=f"{EXECUTORS} executors of {CORES} cores, {STAGES} stages")
    for row in rows:
        table.add_row(*(f"{value:,}" for value in row.values()))
    Console(stderr=True).print(table)
    seconds_by_tasks(PLOTS / "whatif-cost.svg", rows, CURVES)
    return {
        "figures": figures,
        "rows": rows,
        "notes": f"{STAGES} stages on {EXECUTORS} executors of {CORES} cores; medians of {options.repeats}, the Pareto once; "
        "`all_rules_s` is every rule's query and judgement over the embedded store, `analyse_s` a whole analysis: stage profiles, profile, "
        "rules, prices, and storing what was found; the others start from the tasks in memory; "
        f"`pareto_40_s` is {len(PARETO)} replays of {PARETO[0]} to {PARETO[-1]} executors; `what_if_s` is one whole question, from the "
        "tasks in memory: plan, replay of what ran, one scenario, skew removed, critical path, prices; `spot_replay_s` is one "
        "replay with three reclaims of two nodes",
    }


def _measured(store: Store, tasks: int, repeats: int) -> dict[str, Any]:
    history = synthetic(tasks)
    plan = plan_of(history)
    fixed = fixed_allocation(history, EXECUTORS, CORES)
    growing = DynamicAllocation(most=EXECUTORS, least=1, backlog_ms=1000, sustained_ms=1000, idle_ms=60_000, provision_ms=5000)
    dynamic = with_dynamic(history, {}, growing, CORES)
    return {
        "tasks": tasks,
        **measure(store, history, repeats),
        "waterfall_s": _median_s(repeats, lambda: waterfall(history)),
        "plan_s": _median_s(repeats, lambda: plan_of(history)),
        "replay_s": _median_s(repeats, lambda: replay(plan, fixed)),
        "replay_dynamic_s": _median_s(repeats, lambda: replay(plan, dynamic)),
        "what_if_s": _median_s(repeats, lambda: predict(history, {}, Choice(executors=(EXECUTORS // 2,)), load_price_book(), Target())),
        "pareto_40_s": _median_s(1, lambda: _pareto(plan, history)),
        "spot_replay_s": _median_s(repeats, lambda: replay_with_reclaims(plan, fixed, SPOT, RECLAIMS)),
    }


def _pareto(plan: Plan, history: History) -> list[int]:
    return [replay(plan, fixed_allocation(history, count, CORES)).wall_ms for count in PARETO]


def _median_s(repeats: int, measured: Callable[[], object]) -> float:
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        measured()
        seconds.append(time.perf_counter() - started)
    return round(statistics.median(seconds), 3)


def synthetic(count: int) -> History:
    """An application of `count` tasks, its stages one job each, as its executors would have run it."""
    random = np.random.default_rng(SEED)
    stage = np.sort(np.arange(count) % STAGES)
    duration = np.minimum(random.lognormal(7.5, 1.1, count), 600_000).astype(np.int64) + 5
    launched, executor = np.zeros(count, np.int64), np.zeros(count, np.int64)
    submitted, completed = np.zeros(STAGES, np.int64), np.zeros(STAGES, np.int64)
    slots = EXECUTORS * CORES
    now = GAP_MS
    for place in range(STAGES):
        which = np.flatnonzero(stage == place)
        # Round-robin over slots: every slot runs its tasks back to back.
        slot = np.arange(len(which)) % slots
        submitted[place] = now
        for one in range(min(slots, len(which))):
            own = which[slot == one]
            launched[own] = now + np.cumsum(duration[own]) - duration[own]
        executor[which] = slot // CORES
        completed[place] = int((launched[which] + duration[which]).max())
        now = int(completed[place]) + GAP_MS
    return History(
        started_ms=0,
        ended_ms=now,
        ended=True,
        task_cpus=1,
        executors=ExecutorLives(
            [str(place + 1) for place in range(EXECUTORS)],
            np.full(EXECUTORS, CORES),
            np.zeros(EXECUTORS, np.int64),
            np.full(EXECUTORS, now),
            np.full(EXECUTORS, 16 << 30),
        ),
        stages=StageAttempts(
            np.arange(STAGES), np.zeros(STAGES, np.int64), [f"stage {n}" for n in range(STAGES)], submitted, completed, [()] * STAGES
        ),
        jobs=[Job(place, int(submitted[place]), int(completed[place]), (place,)) for place in range(STAGES)],
        tasks=_tasks(random, stage, executor, launched, launched + duration),
    )


def _tasks(random: np.random.Generator, stage: Ints, executor: Ints, launched: Ints, finished: Ints) -> Tasks:
    count, duration = len(stage), finished - launched
    no, yes = np.zeros(count, bool), np.ones(count, bool)
    return Tasks(
        executor=executor,
        stage=stage,
        index=np.arange(count),
        partition=np.full(count, UNKNOWN),
        launched_ms=launched,
        finished_ms=finished,
        first_try=yes,
        speculative=no,
        succeeded=yes,
        output_lost=no,
        killed=no,
        measured=yes,
        run_ms=np.maximum(duration - 20, 0),
        cpu_ms=(duration * random.uniform(0.3, 0.98, count)).astype(np.int64),
        gc_ms=(duration * random.uniform(0, 0.08, count)).astype(np.int64),
        fetch_wait_ms=random.exponential(80, count).astype(np.int64),
        spilled_bytes=np.where(random.random(count) < 0.02, 1 << 28, 0),
        moved_bytes=random.integers(1 << 20, 1 << 28, count),
    )
