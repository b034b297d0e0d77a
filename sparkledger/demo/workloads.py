"""The demonstration's applications: what each runs on and which rule must flag it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

JOBS = Path(__file__).parent / "jobs"


@dataclass(frozen=True, slots=True)
class Workload:
    """One Spark application. `master` is `local-cluster[executors, cores each, MiB each]`: real executor processes."""

    script: str
    master: str
    shows: str
    expected_rule: str | None
    """None: nothing above info may be found."""

    @property
    def path(self) -> Path:
        return JOBS / self.script

    @property
    def app_name(self) -> str:
        return "demo-" + self.script.removesuffix(".py").replace("_", "-")


WORKLOADS = (
    Workload("healthy.py", "local-cluster[1,2,1024]", "nothing to complain of", None),
    Workload("skewed_join.py", "local-cluster[2,1,1024]", "one key holds most rows of a join", "SKW001"),
    Workload("over_provisioned.py", "local-cluster[4,1,1024]", "four executors, work for one", "PRV001"),
    Workload("long_tasks.py", "local-cluster[1,2,1024]", "tasks that outlive a Spot notice", "SPT001"),
    Workload("small_files.py", "local-cluster[1,2,1024]", "400 files of a few kB", "S3R001"),
)

SHORTENED_RULES = {
    "SPT001": {"notice_s": 10.0, "min_long_task_s": 30.0},
    "PRV001": {"min_wall_s": 20.0, "min_idle_core_s": 60.0},
}
"""Thresholds that the demonstration lowers so that it ends in minutes; it says so."""

NO_MONEY_FLOORS = {"high": 0.0, "medium": 0.0, "low": 0.0}
"""A run of half a minute costs a fraction of a cent; by default a finding of so little money is never more than info."""
