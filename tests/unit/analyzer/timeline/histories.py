"""Histories written down by hand or generated, for tests of the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from hypothesis import strategies as st

from analyzer.timeline.history import ExecutorLives, History, Job, StageAttempts, Tasks, ints


@dataclass(frozen=True)
class ATask:
    """A task of stage `stage` (its position) on executor `executor` (its position), times in ms from the start."""

    executor: int
    stage: int
    launched: int
    finished: int
    index: int = 0
    partition: int = -1
    ending: str = "succeeded"
    speculative: bool = False
    retry: bool = False
    run: int | None = None
    cpu: int = 0
    gc: int = 0
    fetch: int = 0
    spilled: int = 0
    moved: int = 0


@dataclass(frozen=True)
class AStage:
    stage_id: int
    submitted: int
    completed: int
    attempt: int = 0
    parents: tuple[int, ...] = ()


@dataclass(frozen=True)
class ALife:
    cores: int
    added: int
    removed: int


@dataclass(frozen=True)
class Written:
    """A history before it becomes columns."""

    ended: int
    lives: Sequence[ALife]
    stages: Sequence[AStage] = ()
    jobs: Sequence[Job] = ()
    tasks: Sequence[ATask] = ()
    task_cpus: int = 1
    memory_bytes: int = field(default=4 << 30)

    def history(self) -> History:
        tasks = self.tasks
        lives = self.lives
        return History(
            started_ms=0,
            ended_ms=self.ended,
            ended=True,
            task_cpus=self.task_cpus,
            executors=ExecutorLives(
                ids=[str(place + 1) for place in range(len(lives))],
                cores=ints([life.cores for life in lives]),
                added_ms=ints([life.added for life in lives]),
                removed_ms=ints([life.removed for life in lives]),
                memory_bytes=ints([self.memory_bytes for _ in lives]),
            ),
            stages=StageAttempts(
                ids=ints([s.stage_id for s in self.stages]),
                attempts=ints([s.attempt for s in self.stages]),
                names=[f"stage {s.stage_id}" for s in self.stages],
                submitted_ms=ints([s.submitted for s in self.stages]),
                completed_ms=ints([s.completed for s in self.stages]),
                parent_ids=[s.parents for s in self.stages],
            ),
            jobs=self.jobs,
            tasks=Tasks(
                executor=ints([t.executor for t in tasks]),
                stage=ints([t.stage for t in tasks]),
                index=ints([t.index for t in tasks]),
                partition=ints([t.partition for t in tasks]),
                launched_ms=ints([t.launched for t in tasks]),
                finished_ms=ints([t.finished for t in tasks]),
                first_try=np.array([not t.speculative and not t.retry for t in tasks], dtype=bool),
                speculative=np.array([t.speculative for t in tasks], dtype=bool),
                succeeded=np.array([t.ending in ("succeeded", "lost") for t in tasks], dtype=bool),
                output_lost=np.array([t.ending == "lost" for t in tasks], dtype=bool),
                killed=np.array([t.ending == "killed" for t in tasks], dtype=bool),
                measured=np.array([t.run is not None for t in tasks], dtype=bool),
                run_ms=ints([t.run or 0 for t in tasks]),
                cpu_ms=ints([t.cpu for t in tasks]),
                gc_ms=ints([t.gc for t in tasks]),
                fetch_wait_ms=ints([t.fetch for t in tasks]),
                spilled_bytes=ints([t.spilled for t in tasks]),
                moved_bytes=ints([t.moved for t in tasks]),
            ),
        )


MOMENT = st.integers(0, 60)
_SPAN = st.tuples(MOMENT, MOMENT).map(sorted)


@st.composite
def written(draw: st.DrawFn) -> Written:
    """Any history, sensible or not: tasks outside lives, more tasks than cores, unknown executors, stages that overlap."""
    lives = [ALife(draw(st.integers(0, 5)), *span) for span in draw(st.lists(_SPAN, max_size=4))]
    stages = [AStage(number // 2, *span, attempt=number % 2) for number, span in enumerate(draw(st.lists(_SPAN, min_size=1, max_size=4)))]
    jobs = [Job(number, *span, stage_ids=()) for number, span in enumerate(draw(st.lists(_SPAN, max_size=2)))]
    count = draw(st.integers(0, 12))
    tasks = [draw(_task(len(lives), len(stages))) for _ in range(count)]
    return Written(60, lives, stages, jobs, tasks, task_cpus=draw(st.integers(1, 3)))


@st.composite
def _task(draw: st.DrawFn, executors: int, stages: int) -> ATask:
    launched, finished = draw(_SPAN)
    small = st.integers(0, 40)
    return ATask(
        executor=draw(st.integers(-1, executors - 1)),
        stage=draw(st.integers(0, stages - 1)),
        launched=launched,
        finished=finished,
        index=draw(st.integers(0, 3)),
        partition=draw(st.integers(-1, 3)),
        ending=draw(st.sampled_from(["succeeded", "failed", "killed", "lost"])),
        speculative=draw(st.booleans()),
        retry=draw(st.booleans()),
        run=draw(st.none() | small),
        cpu=draw(small),
        gc=draw(small),
        fetch=draw(small),
        spilled=draw(small),
        moved=draw(small),
    )
