"""Which tasks brought a result that was used, which had to be run again, and which lost a race against their copy."""

from __future__ import annotations

import numpy as np

from analyzer.timeline.history import Flags, Ints, StageAttempts, Tasks

USEFUL, RERUN, LOSER = 0, 1, 2


def outcomes(tasks: Tasks, stages: StageAttempts) -> Ints:
    """USEFUL, RERUN or LOSER for each task.

    RERUN: failed, killed with its stage, output lost, or its partition computed again by a later attempt of its stage.
    LOSER: killed because its copy finished first, or finished after its copy did.
    """
    result = np.full(len(tasks), RERUN, np.int64)
    kept = tasks.succeeded & ~tasks.output_lost
    result[kept] = USEFUL
    if tasks.speculative.any():
        key = (tasks.stage << 32) | tasks.index
        raced = np.isin(key, key[tasks.speculative])
        result[raced & tasks.killed & ~kept] = LOSER
        _all_but_first(result, kept & raced, key, tasks.finished_ms, LOSER)
    if stages.attempts.any():
        known = kept & (tasks.partition >= 0) & (result == USEFUL)
        _all_but_first(result, known, (stages.ids[tasks.stage] << 32) | tasks.partition, -stages.attempts[tasks.stage], RERUN)
    return result


def _all_but_first(result: Ints, among: Flags, key: Ints, rank: Ints, outcome: int) -> None:
    """Give `outcome` to the tasks of each key but the one of the least rank."""
    places = np.flatnonzero(among)
    order = places[np.lexsort((rank[places], key[places]))]
    repeated = np.flatnonzero(np.diff(key[order]) == 0) + 1
    result[order[repeated]] = outcome
