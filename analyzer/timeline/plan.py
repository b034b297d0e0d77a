"""What an application has to do, apart from who does it: driver gaps, jobs, stages with their parents, and tasks.

Derived from one run. A job starts a fixed gap after the jobs that had ended before it: the driver's own work, kept as it
was. A stage starts a fixed gap after the parents that Spark names; where it names none that ran, after the stages of its
job that had completed by then, or after the start of its job. Those inferred dependencies are counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analyzer.timeline.history import UNKNOWN, History, Ints, Job
from analyzer.timeline.order import order_by
from analyzer.timeline.outcome import LOSER, outcomes

_NO_JOB = -1


@dataclass(frozen=True, slots=True)
class PlannedJob:
    """A job: it starts `gap_ms` after the first `after` jobs (in order of the plan) have ended, or after the application's start."""

    after: int
    gap_ms: int
    tail_ms: int
    """From the completion of its last stage to its end."""


@dataclass(frozen=True, slots=True)
class PlannedStage:
    """A stage attempt: it starts `gap_ms` after its parents (positions of stages) have completed, or after its job has started."""

    job: int
    priority: int
    """The job's id: Spark's FIFO scheduler serves the lowest first, and within it the lowest stage id."""
    stage_id: int
    parents: tuple[int, ...]
    gap_ms: int
    tail_ms: int
    """From its last task to its completion."""
    durations_ms: Sequence[int]
    """Of its tasks in order of launch: from launch to finish, as the scheduler saw it."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Jobs in order of their observed ends, stages in order of their submission; times in ms."""

    jobs: Sequence[PlannedJob]
    stages: Sequence[PlannedStage]
    end_gap_ms: int
    """From the end of the last job to the application's end."""
    task_cpus: int
    inferred_parents: int
    """Stages whose dependencies come from observed times, since Spark names no parent of theirs that ran."""

    @property
    def work_ms(self) -> int:
        """Task time of all stages."""
        return sum(sum(stage.durations_ms) for stage in self.stages)


def plan_of(history: History) -> Plan:
    """The plan that a run followed. Failures are taken to happen again; copies that lost a race are left out."""
    windows, durations = _task_columns(history)
    stages = _Stages(history, windows)
    jobs = _with_orphans(history, stages)
    order = sorted(range(len(jobs)), key=lambda place: (jobs[place].ended_ms, jobs[place].started_ms))
    jobs = [jobs[place] for place in order]
    ends = np.asarray([job.ended_ms for job in jobs], dtype=np.int64)
    planned, inferred = _planned_stages(history, stages, jobs, durations)
    last_completion: dict[int, int] = {}
    for place, stage in enumerate(planned):
        last_completion[stage.job] = max(last_completion.get(stage.job, 0), int(stages.completed[place]))
    return Plan(
        jobs=[_planned_job(history, job, ends, last_completion.get(place)) for place, job in enumerate(jobs)],
        stages=planned,
        end_gap_ms=max(0, history.ended_ms - max((job.ended_ms for job in jobs), default=history.started_ms)),
        task_cpus=history.task_cpus,
        inferred_parents=inferred,
    )


def _planned_job(history: History, job: Job, ends: Ints, last_completion: int | None) -> PlannedJob:
    after = int(np.searchsorted(ends, job.started_ms, side="right"))
    # A job that took no time must not wait for itself.
    while after > 0 and ends[after - 1] >= job.started_ms and job.ended_ms <= ends[after - 1]:
        after -= 1
    before = int(ends[after - 1]) if after else history.started_ms
    worked_until = job.started_ms if last_completion is None else last_completion
    return PlannedJob(after, max(0, job.started_ms - before), max(0, job.ended_ms - max(worked_until, job.started_ms)))


class _Stages:
    """Stage attempts that ran, with their times, in order of submission; `places` are their positions in the history."""

    def __init__(self, history: History, windows: tuple[Ints, Ints]) -> None:
        first, last = windows
        known = history.stages
        submitted = np.where(known.submitted_ms >= 0, known.submitted_ms, first)
        completed = np.where(known.completed_ms >= 0, known.completed_ms, last)
        ran = np.flatnonzero((submitted >= 0) & (completed >= submitted))
        self.places = ran[np.lexsort((ran, submitted[ran]))]
        self.submitted = submitted[self.places]
        self.completed = completed[self.places]
        self.last_finish = np.maximum(last[self.places], self.submitted)
        self.ids = known.ids[self.places]


def _with_orphans(history: History, stages: _Stages) -> list[Job]:
    """The jobs of the run, and one for each stage that belongs to none that was seen."""
    jobs = list(history.jobs)
    by_stage: dict[int, list[Job]] = {}
    for job in jobs:
        for stage_id in job.stage_ids:
            by_stage.setdefault(stage_id, []).append(job)
    for place, stage_id in enumerate(stages.ids.tolist()):
        submitted, completed = int(stages.submitted[place]), int(stages.completed[place])
        if not any(job.started_ms <= submitted <= job.ended_ms for job in by_stage.get(stage_id, ())):
            orphan = Job(_NO_JOB, submitted, max(submitted, completed), (stage_id,))
            jobs.append(orphan)
            by_stage.setdefault(stage_id, []).append(orphan)
    return jobs


def _planned_stages(
    history: History, stages: _Stages, jobs: Sequence[Job], durations: Sequence[list[int]]
) -> tuple[list[PlannedStage], int]:
    owners: dict[int, list[int]] = {}
    for owner, job in enumerate(jobs):
        for stage_id in job.stage_ids:
            owners.setdefault(stage_id, []).append(owner)
    positions: dict[int, list[int]] = {}
    of_job: dict[int, list[int]] = {}
    planned: list[PlannedStage] = []
    inferred = 0
    for place, stage_id in enumerate(stages.ids.tolist()):
        submitted = int(stages.submitted[place])
        number = min(
            (n for n in owners[stage_id] if jobs[n].started_ms <= submitted <= jobs[n].ended_ms), key=lambda n: -jobs[n].started_ms
        )
        parents = [p for parent in history.stages.parent_ids[stages.places[place]] for p in positions.get(parent, ())]
        parents = [p for p in [*parents, *positions.get(stage_id, ())] if stages.completed[p] <= submitted]
        if not parents:
            before = [p for p in of_job.get(number, ()) if stages.completed[p] <= submitted]
            # Those that one of them waited for are waited for with it: without that a job of many stages has their square of parents.
            behind = {earlier for p in before for earlier in planned[p].parents}
            parents = [p for p in before if p not in behind]
            of_job[number] = [p for p in of_job.get(number, ()) if p not in behind]
            inferred += bool(parents)
        ready = max((int(stages.completed[p]) for p in parents), default=jobs[number].started_ms)
        tail = max(0, int(stages.completed[place]) - max(int(stages.last_finish[place]), submitted))
        own = durations[int(stages.places[place])]
        planned.append(PlannedStage(number, jobs[number].job_id, stage_id, tuple(parents), max(0, submitted - ready), tail, own))
        positions.setdefault(stage_id, []).append(place)
        of_job.setdefault(number, []).append(place)
    return planned, inferred


def _task_columns(history: History) -> tuple[tuple[Ints, Ints], list[list[int]]]:
    """First launch and last finish of each stage attempt (UNKNOWN without a task), and its task durations in order of launch."""
    tasks, count = history.tasks, len(history.stages.ids)
    kept = np.flatnonzero(outcomes(tasks, history.stages) != LOSER)
    stage, launched, finished = tasks.stage[kept], tasks.launched_ms[kept], tasks.finished_ms[kept]
    order = order_by(stage, launched)
    bounds = np.append(0, np.cumsum(np.bincount(stage, minlength=count)))
    duration = np.maximum(finished - launched, 0)[order]
    first, last = np.full(count, UNKNOWN, np.int64), np.full(count, UNKNOWN, np.int64)
    ran = np.flatnonzero(np.diff(bounds) > 0)
    first[ran] = launched[order[bounds[ran]]]
    np.maximum.at(last, stage, finished)
    durations = [duration[bounds[place] : bounds[place + 1]].tolist() for place in range(count)]
    return (first, last), durations
