"""The rule contract: what a rule declares, what it is given, what it returns.

A rule is one module beside one `.sql` file, of its name or shared with rules that judge the same rows. The SQL fetches rows
for one application attempt; `evaluate` turns rows into findings and does nothing else: no I/O, no clock. Lists of numbers
in a row are numpy arrays. The module's docstring is its documentation page.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, Literal

Row = Mapping[str, Any]
DRIVER = "driver"
_SESSION = re.compile(
    r"spark shell|pysparkshell|zeppelin|kyuubi|thrift jdbc/odbc server|spark connect server|livy-session-\d", re.IGNORECASE
)
_OTHER_ENGINES = ("com.nvidia.spark", "org.apache.gluten", "io.glutenproject", "org.apache.spark.CometPlugin")
_DATABRICKS_CLUSTER = "spark.databricks.clusterUsageTags.clusterName"


class Severity(IntEnum):
    """How much a finding matters, by recoverable share of the run and money; ordered, so that they compare."""

    INFO = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3

    def __str__(self) -> str:
        return self.name.lower()


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number that a rule compares with. `name` carries the unit; `source` says who found it, `rationale` why it is here."""

    name: str
    value: float
    unit: str
    source: str
    rationale: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measured number behind a finding. `unit` is UCUM-like: `ms`, `By`, `core.s`, `1` for shares and ratios."""

    name: str
    value: float | str
    unit: str


@dataclass(frozen=True, slots=True)
class Saving:
    """Core-seconds that the change would free, as a range. Dollars follow from the price book, never from a rule."""

    low_core_s: float
    high_core_s: float
    basis: str
    """How the range was computed, in one sentence."""
    low_memory_gb_s: float = 0.0
    high_memory_gb_s: float = 0.0
    spans: tuple[tuple[float, float], ...] = ()
    """When the idle core time that it would free lies, in Unix ms; empty where it may lie anywhere in the application's life."""
    executions: tuple[int, ...] = ()
    """SQL executions whose busy core time it would free; empty where it is told by other measures, such as garbage collection."""


@dataclass(frozen=True, slots=True)
class Change:
    """What to do about a finding: a Spark configuration patch, or a hint for the code."""

    summary: str
    conf: Mapping[str, str] = field(default_factory=dict)
    effort: str = "low"
    """`low` (a setting), `medium` (a query or table layout) or `high` (a redesign)."""
    risk: str = ""
    rollback: str = ""
    """Where not given: the settings are removed again, or the change is undone."""

    def __post_init__(self) -> None:
        if not self.rollback:
            object.__setattr__(self, "rollback", "remove the settings again" if self.conf else "undo the change")


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of one application, by one rule. `subject` names the stage, scan or executor group without measured values."""

    rule_code: str
    subject: str
    """Stable over runs: a stage or table name, never a measured value; part of the fingerprint."""
    severity: Severity
    title: str
    """One sentence with the measured numbers that convince."""
    evidence: tuple[Evidence, ...]
    saving: Saving | None
    change: Change
    stage_id: int | None = None
    stage_attempt_id: int | None = None
    sql_execution_id: int | None = None
    causes: tuple[str, ...] = ()

    def fingerprint(self, pipeline: str) -> str:
        """16 hex digits of rule, pipeline and subject: equal for the same fault in every run."""
        return hashlib.sha256("\0".join((self.rule_code, pipeline, self.subject)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class ExecutorLife:
    """One executor from its addition to its removal (the application's end where it was never removed), in Unix ms."""

    executor_id: str
    cores: int
    added_ms: int
    removed_ms: int
    removed_reason: str = ""
    """Empty where it lived to the end."""

    def alive_ms(self, start_ms: float, end_ms: float) -> float:
        """How long it lived within a span."""
        return max(0.0, min(self.removed_ms, end_ms) - max(self.added_ms, start_ms))


@dataclass(frozen=True, slots=True)
class Application:
    """What every rule may know of the application besides its own rows; times in ms, all from the store."""

    app_id: str
    attempt_id: str
    name: str
    spark_version: str
    wall_ms: int
    """Start to end; to the last event seen where the end is missing."""
    ended: bool
    allocated_core_ms: int
    """Sum over executors of lifetime times cores; the driver's cores in local mode."""
    busy_core_ms: int
    """Sum of task durations times the cores of a task."""
    conf: Mapping[str, str]
    """Spark properties that passed the allow-list."""
    platform: str = "unknown"
    """As `analyzer.profiles.platform` names it."""
    executors_peak: int = 0
    """The most executors alive at one time; 0 in local mode."""
    cores_per_executor: int = 0
    """Of the most frequent executor shape; 0 where none is known."""
    heap_bytes_per_executor: int = 0
    memory_bytes_per_executor: int = 0
    """With overhead, off-heap and Python memory."""
    allocated_memory_gb_s: float = 0.0
    """Sum over executors of lifetime times memory; GB = 2^30 bytes."""
    executors: tuple[ExecutorLife, ...] = ()
    """In local mode the driver alone."""
    result_bytes: int = 0
    """What successful tasks sent to the driver as their results."""
    alone: tuple[tuple[float, float], ...] = ()
    """Spans of its life in which no stage attempt had tasks, in Unix ms: what the driver did alone lies within them."""
    open_since_ms: int | None = None
    """When the first stage began that never ended, in an application whose end was not seen: from then on tasks may have run unseen."""
    streaming: bool = False
    """Whether most of its jobs are batches of a stream, so that it waits by design."""

    def cores_alive_ms(self, start_ms: float, end_ms: float) -> float:
        """Core-ms of executors that were alive within a span."""
        return sum(e.cores * e.alive_ms(start_ms, end_ms) for e in self.executors)

    @property
    def alone_core_s(self) -> float:
        """Core-seconds of executors that were alive while no stage attempt had tasks: the most that the driver can have kept waiting."""
        return sum(self.cores_alive_ms(*span) for span in self.alone) / 1000

    @property
    def can_adapt(self) -> bool:
        """Whether adaptive query execution can be switched on: from Spark 3.0 on, for streams from 4.1 on; Databricks has it for both."""
        return self.spark_line >= ((4, 1) if self.streaming and self.platform != "databricks" else (3, 0))

    @property
    def adaptive(self) -> bool:
        """Whether adaptive query execution sizes shuffle partitions at run time; Spark's default from 3.2 on, that of
        Databricks and EMR from 3.0 on."""
        since = (3, 0) if self.platform == "databricks" or self.platform.startswith("emr") else (3, 2)
        return self.can_adapt and self.enabled("spark.sql.adaptive.enabled", default=self.spark_line >= since)

    @property
    def merges_partitions(self) -> bool:
        """Whether adaptive execution merges small shuffle partitions, and so begins with a number of its own."""
        return self.adaptive and self.enabled("spark.sql.adaptive.coalescePartitions.enabled", default=True)

    @property
    def dynamic_allocation(self) -> bool:
        """Whether Spark asks for executors as it needs them; where nothing is set, EMR on EC2 and EMR Serverless turn it on.

        Before Spark 2.0 a number of executors turned it off (SPARK-9092, SPARK-13723)."""
        if (1, 0) <= self.spark_line < (2, 0) and self.conf.get("spark.executor.instances", "0").strip() != "0":
            return False
        return self.enabled("spark.dynamicAllocation.enabled", default=self.platform in ("emr(yarn)", "emr(serverless)"))

    @property
    def local(self) -> bool:
        """Whether the driver ran the tasks itself, so that there are no executors to size."""
        return self.platform == "local" or (bool(self.executors) and all(e.executor_id == DRIVER for e in self.executors))

    @property
    def slots_exceed_processors(self) -> bool:
        """Whether slots may be more than the processors behind them, so that tasks wait for one another: Spark's events cannot tell that
        from a wait for data. True where someone named the slots of one machine, and where pods ask for, or are limited to, less than
        their cores."""
        master = self.conf.get("spark.master", "")
        named = master.startswith("local-cluster") or (self.local and not master.startswith("local[*"))
        pods = (_processors(self.conf.get(f"spark.kubernetes.executor.{bound}.cores", "")) for bound in ("request", "limit"))
        return named or any(0 < processors < self.cores_per_executor for processors in pods)

    @property
    def other_engine(self) -> bool:
        """Whether a plugin hands the work of tasks to a GPU or to native threads, so that time without CPU is no wait."""
        return any(engine in self.conf.get("spark.plugins", "") for engine in _OTHER_ENGINES)

    @property
    def interactive(self) -> bool:
        """Whether it is a shell, a notebook or a query server, as far as its name tells: it waits for people to ask."""
        cluster = self.conf.get(_DATABRICKS_CLUSTER, "")
        return _SESSION.match(self.name) is not None or (cluster != "" and not cluster.startswith("job-"))

    @property
    def workers_fixed(self) -> bool:
        """Whether an executor is as large as the worker that the platform starts, so that Spark's settings do not size it."""
        return self.platform in ("databricks", "glue")

    @property
    def task_cpus(self) -> int:
        """Cores that one task holds (`spark.task.cpus`)."""
        text = self.conf.get("spark.task.cpus", "1")
        return max(1, int(text)) if text.isdigit() else 1

    @property
    def cores_a_task(self) -> int:
        """Cores that a task takes up: `spark.task.cpus`, or more where GPUs or the like let fewer tasks run than there are cores for."""
        slots = self.cores_per_executor // self.task_cpus
        for key, amount in self.conf.items():
            if key.startswith("spark.task.resource.") and key.endswith(".amount"):
                a_task, an_executor = _number(amount), _number(self.conf.get(key.replace("spark.task.", "spark.executor.", 1), ""))
                slots = min(slots, int(an_executor / a_task)) if a_task > 0 < an_executor else slots
        return self.task_cpus if slots >= self.cores_per_executor // self.task_cpus else self.cores_per_executor // max(1, slots)

    def enabled(self, key: str, *, default: bool) -> bool:
        """Whether a boolean Spark property is on; `default` is Spark's own where it is not set."""
        return self.conf.get(key, str(default)).strip().lower() == "true"

    @property
    def spark_line(self) -> tuple[int, int]:
        """Major and minor version of Spark; (0, 0) where it is not known."""
        return spark_line_of(self.spark_version)

    @property
    def idle_core_ms(self) -> int:
        """What was allocated and had no task; never below 0, though late task ends can make more busy than allocated."""
        return max(0, self.allocated_core_ms - self.busy_core_ms)

    def share_of_allocated(self, core_s: float) -> float:
        """`core_s` core-seconds as a share (0 to 1) of what was allocated; 0 where nothing is known to be."""
        return min(1.0, core_s * 1000 / self.allocated_core_ms) if self.allocated_core_ms > 0 else 0.0


def spark_line_of(version: str) -> tuple[int, int]:
    """Major and minor version of Spark of a text such as `4.1.4-amzn-0`; (0, 0) where it is not known."""
    parts = version.split(".")
    return (int(parts[0]), int(parts[1])) if len(parts) > 1 and parts[0].isdigit() and parts[1].isdigit() else (0, 0)


def _processors(text: str) -> float:
    """Processors of a quantity of Kubernetes such as `4` or `3500m`; 0 where it is none."""
    text = text.strip()
    return _number(text[:-1]) / 1000 if text.endswith("m") else _number(text)


def _number(text: str) -> float:
    """What a setting says, 0 where it is no number."""
    try:
        return float(text)
    except ValueError:
        return 0.0


class Thresholds(Mapping[str, float]):
    """The thresholds in force for one evaluation: a rule's own, with the user's overrides on top."""

    def __init__(self, declared: Sequence[Threshold], overrides: Mapping[str, float] | None = None) -> None:
        self._values = {t.name: float(t.value) for t in declared}
        unknown = set(overrides or ()) - set(self._values)
        if unknown:
            raise KeyError(f"unknown threshold {sorted(unknown)[0]!r}: expected one of {sorted(self._values)}")
        self._values.update(overrides or {})

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


Pool = Literal["idle", "busy", "memory", "none"]
Evaluate = Callable[[Application, Sequence[Row], Thresholds], Iterator[Finding]]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule module declares as `RULE`; its title is the first line of the module's docstring."""

    code: str
    """Three letters and three digits, never used again."""
    category: str
    thresholds: tuple[Threshold, ...]
    since: str
    status: str = "preview"
    query: str = ""
    """Stem of the `.sql` file that fetches the rows, where several rules judge the same ones: beside the module, else in `rules/queries`.
    Empty for the one named like the module."""
    pool: Pool = "none"
    """What its savings come out of: core time without a task, core time with one, or memory; `none` for a rule that claims nothing.
    Claims on one pool are clipped to it, so that nothing is saved twice."""
    yields_to: tuple[str, ...] = ()
    """Codes of rules that tell the same fault more exactly: where one of them speaks of the same stage (of the same SQL
    execution, where it names no stage, and saves a tenth of this one's saving or more), this rule is silent."""
    explained_by: tuple[str, ...] = ()
    """Codes of rules whose cause explains this rule's symptom in the whole application: where one of them speaks at all, this rule is
    silent."""
    silent_when_blamed: bool = False
    """Whether the rule has nothing to say once other rules claimed nearly all of what it would save."""


def severity_of(share: float, *, low: float = 0.005, medium: float = 0.02, high: float = 0.10) -> Severity:
    """The severity of a recoverable share (0 to 1) of an application's allocated core time.

    Lineage: sparkforensics warns at 0.5 % and calls 2 % critical; one step is added above for a tenth of the run.
    """
    for bound, severity in ((high, Severity.HIGH), (medium, Severity.MEDIUM), (low, Severity.LOW)):
        if share >= bound:
            return severity
    return Severity.INFO
