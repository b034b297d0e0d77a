"""Event logs of made-up applications: a short description in, Spark's own events out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

START_MS = 1_795_400_000_000
SQL = "org.apache.spark.sql.execution.ui."
_UNITS = {"KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30, "TiB": 1 << 40}
# Short names of a description -> where the number lies in the metrics of a task.
_METRICS = {
    "run_ms": ("Executor Run Time",),
    "gc_ms": ("JVM GC Time",),
    "result": ("Result Size",),
    "memory_spilled": ("Memory Bytes Spilled",),
    "disk_spilled": ("Disk Bytes Spilled",),
    "input": ("Input Metrics", "Bytes Read"),
    "input_records": ("Input Metrics", "Records Read"),
    "output": ("Output Metrics", "Bytes Written"),
    "shuffle_read": ("Shuffle Read Metrics", "Remote Bytes Read"),
    "shuffle_records": ("Shuffle Read Metrics", "Total Records Read"),
    "fetch_wait_ms": ("Shuffle Read Metrics", "Fetch Wait Time"),
    "shuffle_write": ("Shuffle Write Metrics", "Shuffle Bytes Written"),
    "shuffle_write_ns": ("Shuffle Write Metrics", "Shuffle Write Time"),
}


@dataclass(slots=True)
class Slot:
    """One core of one executor."""

    executor_id: str
    host: str
    free_ms: int
    until_ms: int


def event_log(description: Mapping[str, Any], app_id: str) -> bytes:
    """Lines of the event log of an application that is described as in tests/rules/README.md."""
    events = [
        event for part in (_start, _executors, _executions, _plans, _stages, _peaks, _io, _end) for event in part(description, app_id)
    ]
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def size(value: int | str) -> int:
    """Bytes of a number or of text such as `60 MiB`."""
    if isinstance(value, int):
        return value
    match = re.fullmatch(r"([\d.]+)\s*(KiB|MiB|GiB|TiB)", value)
    if match is None:
        raise ValueError(f"size {value!r}: expected a number, or text such as `60 MiB`")
    return int(float(match[1]) * _UNITS[match[2]])


def _at(seconds: float) -> int:
    return START_MS + round(seconds * 1000)


def _start(d: Mapping[str, Any], app_id: str) -> Iterator[dict[str, Any]]:
    yield {"Event": "SparkListenerLogStart", "Spark Version": d.get("spark_version", "3.5.3")}
    name = d.get("name", "daily-orders")
    conf = {"spark.master": "yarn", "spark.app.id": app_id, "spark.app.name": name, **d.get("conf", {})}
    yield {"Event": "SparkListenerEnvironmentUpdate", "JVM Information": {}, "Spark Properties": conf, "System Properties": {}}
    yield {"Event": "SparkListenerApplicationStart", "App Name": name, "App ID": app_id, "Timestamp": START_MS, "User": "etl"}


def _end(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    if not d.get("cut"):
        yield {"Event": "SparkListenerApplicationEnd", "Timestamp": _at(d["wall_s"])}


def _named_executors(d: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    number = 0
    for group in d.get("executors", ()):
        for _ in range(group.get("count", 1)):
            number += 1
            yield ("driver" if group.get("driver") else str(number)), group


def _executors(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    for executor_id, group in _named_executors(d):
        info = {"Host": f"host-{executor_id}", "Total Cores": group["cores"], "Log Urls": {}, "Resource Profile Id": 0}
        if group.get("unannounced"):
            continue
        yield {
            "Event": "SparkListenerExecutorAdded",
            "Timestamp": _at(group.get("from_s", 0)),
            "Executor ID": executor_id,
            "Executor Info": info,
        }
        if "to_s" in group:
            yield {
                "Event": "SparkListenerExecutorRemoved",
                "Timestamp": _at(group["to_s"]),
                "Executor ID": executor_id,
                "Removed Reason": group.get("removed", "Executor killed by driver."),
            }


def _slots(d: Mapping[str, Any]) -> list[Slot]:
    slots = []
    for executor_id, group in _named_executors(d):
        until = _at(group.get("to_s", d["wall_s"]))
        slots += [Slot(executor_id, f"host-{executor_id}", _at(group.get("from_s", 0)), until) for _ in range(group["cores"])]
    return slots


def _stages(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    slots = _slots(d)
    task_id = 0
    for job_id, stage in enumerate(d.get("stages", ())):
        ends: list[dict[str, Any]] = []
        late: list[dict[str, Any]] = []
        stage_id = stage.get("stage", job_id)
        for group in stage["tasks"]:
            for _ in range(group.get("count", 1)):
                start_ms = _at(stage["start_s"] + group.get("after_s", 0))
                ends.append(_task_end((stage_id, stage.get("attempt", 0)), len(ends), task_id, group, slots, start_ms))
                task_id += 1
                if "succeeds_later_s" in group:
                    late.append(_late_success(ends[-1], round(group["succeeds_later_s"] * 1000)))
        yield from _stage(job_id, stage_id, stage, ends)
        yield from late


def _stage(job_id: int, stage_id: int, stage: Mapping[str, Any], ends: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    submitted, completed = _at(stage["start_s"]), max(e["Task Info"]["Finish Time"] for e in ends)
    properties = {"spark.sql.execution.id": str(stage["sql_execution"])} if "sql_execution" in stage else {}
    properties |= {"sql.streaming.queryId": stage["stream"]} if "stream" in stage else {}
    yield {
        "Event": "SparkListenerJobStart",
        "Job ID": job_id,
        "Submission Time": submitted,
        "Stage Infos": [],
        "Stage IDs": [stage_id],
        "Properties": properties,
    }
    yield from ends
    rdds = [
        {
            "RDD ID": stage_id * 10 + i,
            "Name": rdd["name"],
            "Scope": json.dumps({"id": str(i), "name": rdd.get("scope", rdd["name"])}),
            "Storage Level": {"Use Disk": False, "Use Memory": bool(rdd.get("cached")), "Deserialized": True, "Replication": 1},
            "Number of Partitions": len(ends),
            "Number of Cached Partitions": len(ends) if rdd.get("cached") else 0,
        }
        for i, rdd in enumerate(stage.get("rdds", ()))
    ]
    info = {
        "Stage ID": stage_id,
        "Stage Attempt ID": stage.get("attempt", 0),
        "Stage Name": stage["name"],
        "Number of Tasks": len(ends),
        "RDD Info": rdds,
        "Parent IDs": [],
        "Submission Time": submitted,
        "Accumulables": [{"ID": number, "Value": value, "Metadata": "sql"} for number, value in stage.get("metrics", {}).items()],
    }
    if stage.get("open"):
        yield {"Event": "SparkListenerStageSubmitted", "Stage Info": info}
        return
    yield {"Event": "SparkListenerStageCompleted", "Stage Info": {**info, "Completion Time": completed}}
    yield {"Event": "SparkListenerJobEnd", "Job ID": job_id, "Completion Time": completed, "Job Result": {"Result": "JobSucceeded"}}


def _task_end(
    stage: tuple[int, int], index: int, task_id: int, group: Mapping[str, Any], slots: list[Slot], start_ms: int
) -> dict[str, Any]:
    duration = round(group["duration_s"] * 1000)
    wanted = str(group.get("executor", ""))
    alive = [s for s in slots if max(s.free_ms, start_ms) < s.until_ms and wanted in ("", s.executor_id)]
    slot = min(alive, key=lambda s: (max(s.free_ms, start_ms), int(s.executor_id) if s.executor_id.isdigit() else 0))
    launch = max(slot.free_ms, start_ms)
    slot.free_ms = launch + duration
    reason = group.get("reason", "Success")
    return {
        "Event": "SparkListenerTaskEnd",
        "Stage ID": stage[0],
        "Stage Attempt ID": stage[1],
        "Task Type": "ResultTask",
        "Task End Reason": {"Reason": reason, **group.get("reason_fields", {})},
        "Task Info": {
            "Task ID": task_id,
            "Index": index,
            "Attempt": 0,
            "Partition ID": index,
            "Launch Time": launch,
            "Executor ID": slot.executor_id,
            "Host": slot.host,
            "Locality": "PROCESS_LOCAL",
            "Speculative": bool(group.get("speculative")),
            "Getting Result Time": 0,
            "Finish Time": launch + duration,
            "Failed": reason not in ("Success", "TaskKilled"),
            "Killed": reason == "TaskKilled",
            "Accumulables": [],
        },
        "Task Executor Metrics": {"JVMHeapMemory": size(group.get("heap", 0)), "OnHeapUnifiedMemory": size(group.get("unified", 0))},
        "Task Metrics": _metrics(group, duration),
    }


def _late_success(end: dict[str, Any], after_ms: int) -> dict[str, Any]:
    """The end of a task that went on after its executor had been given up."""
    info = {**end["Task Info"], "Finish Time": end["Task Info"]["Finish Time"] + after_ms, "Failed": False}
    return {**end, "Task End Reason": {"Reason": "Success"}, "Task Info": info}


def _metrics(group: Mapping[str, Any], duration_ms: int) -> dict[str, Any]:
    metrics: dict[str, Any] = {"Executor Run Time": duration_ms}
    for name, path in _METRICS.items():
        if name in group:
            inner = metrics.setdefault(path[0], {}) if len(path) > 1 else metrics
            inner[path[-1]] = size(group[name])
    metrics["Executor CPU Time"] = round(metrics["Executor Run Time"] * group.get("cpu_share", 1.0) * 1_000_000)
    return metrics


def _executions(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    for execution_id, scan in enumerate(d.get("scans", ())):
        yield {
            "Event": f"{SQL}SparkListenerSQLExecutionStart",
            "executionId": execution_id,
            "description": "query",
            "details": "",
            "physicalPlanDescription": "",
            "sparkPlanInfo": _plan(scan, execution_id * 100 + 1000),
            "time": _at(0),
        }
        yield {
            "Event": f"{SQL}SparkListenerDriverAccumUpdates",
            "executionId": execution_id,
            "accumUpdates": _updates(scan, execution_id * 100 + 1000),
        }


def _plan(scan: Mapping[str, Any], first_id: int) -> dict[str, Any]:
    """A scan, below a filter where one is described, below a project; with `beside`, the filter is in the other arm of a join."""
    metadata = {
        "Location": f"InMemoryFileIndex(1 paths)[{scan['location']}]",
        "ReadSchema": f"struct<{','.join(f'c{i}:string' for i in range(scan.get('columns', 1)))}>",
        "Format": scan.get("format", "Parquet"),
        "PartitionFilters": scan.get("partition_filters", "[]"),
        "PushedFilters": scan.get("pushed_filters", "[]"),
        "DataFilters": scan.get("data_filters", "[]"),
    }
    names = ["number of files read", "size of files read", "number of output rows"]
    names += ["number of partitions read"] if "partitions" in scan else []
    names += ["metadata time"] if "metadata_ms" in scan else []
    metrics = [{"name": n, "accumulatorId": first_id + i, "metricType": "sum"} for i, n in enumerate(names)]
    read = _node("Scan parquet ", metadata=metadata, metrics=metrics)
    if "filter" not in scan:
        return _node("Project", read)
    kept = [{"name": "number of output rows", "accumulatorId": first_id + 10, "metricType": "sum"}]
    if scan["filter"].get("beside"):
        other = _node("Filter", _node("LocalTableScan"), simple=f"Filter {scan['filter']['condition']}", metrics=kept)
        return _node("BroadcastHashJoin", other, read)
    return _node("Project", _node("Filter", read, simple=f"Filter {scan['filter']['condition']}", metrics=kept))


def _plans(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    for place, plan in enumerate(d.get("plans", ())):
        execution_id = len(d.get("scans", ())) + place
        updates: list[list[int]] = []
        yield {
            "Event": f"{SQL}SparkListenerSQLExecutionStart",
            "executionId": execution_id,
            "description": "query",
            "details": "",
            "physicalPlanDescription": "",
            "sparkPlanInfo": _tree(plan, updates, execution_id * 100 + 1000),
            "time": _at(0),
        }
        yield {"Event": f"{SQL}SparkListenerDriverAccumUpdates", "executionId": execution_id, "accumUpdates": updates}


def _tree(described: Mapping[str, Any], updates: list[list[int]], first_id: int) -> dict[str, Any]:
    """A plan as nested operators; the values of their metrics are added to `updates`."""
    metrics = []
    for name, value in described.get("metrics", {}).items():
        metrics.append({"name": name, "accumulatorId": first_id + len(updates), "metricType": "sum"})
        updates.append([first_id + len(updates), size(value)])
    children = [_tree(child, updates, first_id) for child in described.get("children", ())]
    return _node(described["name"], *children, simple=described.get("text", ""), metrics=metrics)


def _peaks(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    for executor_id, peak in d.get("peaks", {}).items():
        yield {
            "Event": "SparkListenerStageExecutorMetrics",
            "Executor ID": str(executor_id),
            "Stage ID": 0,
            "Stage Attempt ID": 0,
            "Executor Metrics": {"JVMHeapMemory": size(peak.get("heap", 0)), "ProcessTreePythonRSSMemory": size(peak.get("python", 0))},
        }


def _io(d: Mapping[str, Any], _app_id: str) -> Iterator[dict[str, Any]]:
    """What the plugin counts, all in one process."""
    process = {"Executor ID": "1", "Timestamp": _at(d["wall_s"])}
    for bucket, counters in d.get("io", {}).get("buckets", {}).items():
        totals = {name: size(value) for name, value in counters.items()}
        yield {"Event": "SparkledgerStorageIO", **process, "Scheme": "s3a", "Bucket": bucket, "Counters": totals}
    for stage_id, counters in d.get("io", {}).get("stages", {}).items():
        totals = {name: size(value) for name, value in counters.items() if name != "tasks"}
        stage = {"Stage ID": stage_id, "Stage Attempt ID": 0, "Tasks": counters["tasks"]}
        yield {"Event": "SparkledgerStageIO", **process, **stage, "Counters": totals}


def _node(name: str, *children: dict[str, Any], simple: str = "", metadata: Any = None, metrics: Any = None) -> dict[str, Any]:
    return {"nodeName": name, "simpleString": simple or name, "children": children, "metadata": metadata or {}, "metrics": metrics or []}


def _updates(scan: Mapping[str, Any], first_id: int) -> list[list[int]]:
    values = [[first_id, scan["files"]], [first_id + 1, size(scan["size"])], [first_id + 2, scan.get("rows", 0)]]
    values += [[first_id + len(values) + i, scan[key]] for i, key in enumerate(k for k in ("partitions", "metadata_ms") if k in scan)]
    return values + ([[first_id + 10, scan["filter"]["rows"]]] if "filter" in scan else [])
