"""Random events that Spark could have written."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from collector.eventlog.fields import ERROR, METRICS_MISSING, METRICS_PATH, REASON, TASK_FIELDS, Field, Kind
from tests.unit.collector.eventlog.encoding import Values, line, sql_line, task_end_line

TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
LONG_TEXT = st.one_of(TEXT, st.integers(1, 700).map(lambda n: "e\U0001f525" * n))
COUNTER = st.one_of(st.just(0), st.integers(-1, 10), st.integers(-(2**63), 2**63 - 1))
TIME = st.one_of(st.integers(1_600_000_000_000, 1_600_000_100_000), st.sampled_from([-1, 0, -5, 2**62]))
ID = st.one_of(st.integers(0, 5), st.integers(0, 2**32 - 1))
REASONS = st.sampled_from(["Success", "TaskKilled", "ExceptionFailure", "ExecutorLostFailure", "FetchFailed", "Resubmitted"])
_EXPLAINED = {"TaskKilled", "ExceptionFailure", "ExecutorLostFailure", "FetchFailed"}
_OF_KIND: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.ID32: ID,
    Kind.ID64: st.one_of(st.integers(0, 5), st.integers(0, 2**63 - 1)),
    Kind.PARTITION: st.integers(-1, 2**31 - 1),
    Kind.COUNTER: COUNTER,
    Kind.TIME: TIME,
    Kind.FLAG: st.booleans(),
    Kind.LABEL: TEXT,
}


def _empty(field: Field) -> Any:
    if field.kind is Kind.LABEL:
        return ""
    return False if field.kind is Kind.FLAG else field.default or 0


@st.composite
def task_ends(draw: Any) -> Values:
    """A task end by column; metrics are 0 where Spark gave none."""
    missing = draw(st.booleans())
    # Most counters of most tasks are 0, and 70 draws a row would be slow.
    filled = draw(st.sets(st.sampled_from([field.column for field in TASK_FIELDS]), max_size=8))
    values = {}
    for field in TASK_FIELDS:
        hidden = missing and field.path[0] == METRICS_PATH
        drawn = not hidden and (field.required or field.column in filled)
        values[field.column] = draw(_OF_KIND[field.kind]) if drawn else _empty(field)
    reason = draw(REASONS)
    return {**values, REASON: reason, ERROR: draw(LONG_TEXT) if reason in _EXPLAINED else "", METRICS_MISSING: missing}


def _plan(name: str, accumulators: list[int], children: list[Any]) -> dict[str, Any]:
    metrics = [{"name": f"m{number}", "accumulatorId": number, "metricType": "sum"} for number in accumulators]
    return {"nodeName": name, "simpleString": name * 3, "children": children, "metadata": {"Location": name}, "metrics": metrics}


_ACCUMULATORS = st.lists(st.integers(0, 99), max_size=2)
PLANS = st.recursive(
    st.builds(_plan, TEXT, _ACCUMULATORS, st.just([])),
    lambda children: st.builds(_plan, TEXT, _ACCUMULATORS, st.lists(children, max_size=2)),
    max_leaves=3,
)

OTHER_LINES = st.one_of(
    st.builds(lambda t, n: line("SparkListenerApplicationStart", Timestamp=t, App_ID="app-1", App_Name=n), TIME, TEXT),
    st.builds(
        lambda e, t, c: line("SparkListenerExecutorAdded", Executor_ID=e, Timestamp=t, Executor_Info={"Total Cores": c}), TEXT, TIME, ID
    ),
    st.builds(lambda j, t, s: line("SparkListenerJobStart", Job_ID=j, Submission_Time=t, Stage_IDs=s), ID, TIME, st.lists(ID, max_size=3)),
    st.builds(lambda s, n: line("SparkListenerStageSubmitted", Stage_Info={"Stage ID": s, "Stage Name": n}), ID, TEXT),
    st.builds(lambda i, p: sql_line("SparkListenerSQLExecutionStart", executionId=i, time=1, sparkPlanInfo=p), st.integers(0, 9), PLANS),
    st.builds(lambda i, v: sql_line("SparkListenerDriverAccumUpdates", executionId=i, accumUpdates=[[i, v]]), st.integers(0, 9), COUNTER),
    st.sampled_from([b"\n", b"{not json\n", b"[]\n", line("SparkListenerBlockUpdated"), line("com.example.Surprise")]),
)
LINES = st.one_of(task_ends().map(task_end_line), OTHER_LINES)
