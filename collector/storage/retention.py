"""How long rows stay: a time to live on each table, as the settings want it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from collector.storage.client import Store
from collector.storage.targets import LOCAL_SUFFIX

TASK_TABLES = ("tasks",)
EVENT_TABLES = (
    "environment",
    "executor_places",
    "executor_samples",
    "executors",
    "jobs",
    "resource_profiles",
    "sql_executions",
    "sql_metric_values",
    "sql_metrics",
    "sql_plan_nodes",
    "stage_executor_peaks",
    "stage_io",
    "stages",
    "storage_io",
)
PROFILE_TABLES = ("applications", "application_profiles", "findings", "ingest_batches", "stage_profiles")
"""What the lists of applications are made of: they go together."""

_ANALYSED = frozenset({"application_profiles", "findings", "stage_profiles"})
_TTL = re.compile(r"\bTTL\b.*?toIntervalDay\((\d+)\)", re.DOTALL)
_TABLES = """
    SELECT name, engine_full AS engine
    FROM system.tables
    WHERE database = {database:String} AND name IN {tables:Array(String)}
    ORDER BY name
"""


@dataclass(frozen=True, slots=True)
class Retention:
    """Days after which rows go, counted from when they came in (profiles and findings: from their analysis); 0 keeps them.

    Counting from the arrival rather than from the run lets a back-fill of old logs stay as long as anything else.
    """

    tasks_days: int = 0
    events_days: int = 0
    profiles_days: int = 0

    def days(self) -> dict[str, int]:
        """Days by table."""
        return {
            **dict.fromkeys(TASK_TABLES, self.tasks_days),
            **dict.fromkeys(EVENT_TABLES, self.events_days),
            **dict.fromkeys(PROFILE_TABLES, self.profiles_days),
        }


def apply_retention(store: Store, retention: Retention) -> list[str]:
    """Change the time to live of every table where it is another; returns the statements that were run.

    The engine works the change out for the rows that are there in the background. Raises `StoreError` where the user may not alter tables.
    """
    statements = retention_statements(store, retention)
    for statement in statements:
        store.command(statement)
    return statements


def retention_statements(store: Store, retention: Retention) -> list[str]:
    """What `apply_retention` would run."""
    wanted = {store.target.shard_table(table): days for table, days in retention.days().items()}
    found = store.rows(_TABLES, {"database": store.database, "tables": sorted(wanted)})
    present = {row["name"]: _days_of(row["engine"]) for row in found}
    return [_statement(store, table, wanted[table]) for table, days in present.items() if days != wanted[table]]


def _days_of(engine: str) -> int:
    match = _TTL.search(engine)
    return int(match[1]) if match else 0


def _statement(store: Store, table: str, days: int) -> str:
    where = f"ALTER TABLE {table} {store.target.on_cluster}".rstrip()
    if not days:
        return f"{where} REMOVE TTL"
    since = "analysed_at" if table.removesuffix(LOCAL_SUFFIX) in _ANALYSED else "received_at"
    return f"{where} MODIFY TTL toDateTime({since}) + toIntervalDay({days}) DELETE"
