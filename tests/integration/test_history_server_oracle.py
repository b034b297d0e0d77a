"""What Spark's own History Server answers, field by field, against what an import of the same logs stores and serves.

Logs and answers are those that Spark tests its History Server with. Every field of an answer is compared or named as left out.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from analyzer.api.applications.service import __file__ as stages_file
from analyzer.api.applications.service import stage_of
from analyzer.facts import application_facts
from analyzer.profiles.application import Header, read_header
from analyzer.profiles.profile import build_stage_profiles
from collector.importing import StoreCatalog, import_paths
from collector.storage import Store, load_sql, open_store
from collector.storage.clock import steady_now
from collector.storage.writer import Writer
from tests.support.history_server_fields import (
    LEFT_OUT_OF_STAGE,
    LEFT_OUT_OF_TASK,
    PEAKS,
    SERVED_OF_STAGE,
    STATUS,
    SUMMED_OF_STAGE,
    TASK,
    TASK_METRICS,
)
from tests.support.spark_test_jar import unpack_history_server_oracle

Row = Mapping[str, Any]

STAGES = {
    "stage_list_json": "local-1422981780767",
    "one_stage_json_with_details": "local-1422981780767",
    "one_stage_attempt_json": "local-1422981780767",
    "stage_list_with_accumulable_json": "local-1426533911241/1",
    "stage_with_accumulable_json": "local-1426533911241/1",
    "stage_list_with_peak_metrics": "app-20200706201101-0003",
    "stage_with_peak_metrics": "app-20200706201101-0003",
    "stage_with_summaries": "app-20200706201101-0003",
    "stage_with_speculation_summary": "application_1628109047826_1317105",
    "one_stage_json_with_partitionId": "local-1642039451826",
    "excludeOnFailure_for_stage": "app-20180109111548-0000",
    "excludeOnFailure_node_for_stage": "application_1516285256255_0012",
}
TASK_LISTS = {
    "stage_task_list_w__offset___length": ("local-1430917381534", 0),
    "stage_task_list_w__sortBy": ("local-1430917381534", 0),
    "stage_task_list_w__sortBy_short_names__runtime": ("local-1430917381534", 0),
    "stage_task_list_w__status": ("app-20161115172038-0000", 0),
    "stage_task_list_from_multi_attempt_app_json_1_": ("local-1426533911241/1", 0),
    "stage_task_list_from_multi_attempt_app_json_2_": ("local-1426533911241/2", 0),
    "stage_task_list_with_partitionId": ("local-1642039451826", 0),
}
SUMMARIES = {
    "stage_task_summary_w_shuffle_write": ("local-1430917381534", 0),
    "stage_task_summary_w_shuffle_read": ("local-1430917381534", 1),
    "stage_task_summary_w__custom_quantiles": ("local-1430917381534", 0),
}
EXECUTORS = {
    "executor_list_json": "local-1422981780767",
    "executor_list_with_executor_metrics_json": "application_1553914137147_0018",
    "executor_memory_usage": "app-20161116163331-0000",
    "executor_node_excludeOnFailure": "app-20161116163331-0000",
    "executor_node_excludeOnFailure_unexcluding": "app-20161115172038-0000",
    "executor_resource_information": "application_1555004656427_0144",
}
JOBS = {
    "job_list_json": "local-1422981780767",
    "job_list_from_multi_attempt_app_json_1_": "local-1426533911241/1",
    "job_list_from_multi_attempt_app_json_2_": "local-1426533911241/2",
}


@dataclass
class Ledger:
    """The imported logs: what the store holds, and what is told of it."""

    answers: Path
    store: Store
    headers: dict[str, Header]
    _kept: dict[tuple[str, str], Any] = field(default_factory=dict)

    def facts(self, application: str) -> Row:
        """What `/facts` answers."""
        return self._once("facts", application, lambda: application_facts(self.store, **key_of_application(application)))

    def stages(self, application: str) -> list[Row]:
        """What `/stages` answers."""
        return self._once("stages served", application, lambda: self._read_stages(application))

    def _read_stages(self, application: str) -> list[Row]:
        build_stage_profiles(self.store, self.headers[application], steady_now())
        page = {**key_of_application(application), "after_stage": -1, "after_stage_attempt": -1, "rows": 1000}
        return [stage_of(row).model_dump() for row in self.store.rows(load_sql(stages_file, "stages"), page)]

    def _once(self, what: str, application: str, read: Callable[[], Any]) -> Any:
        if (what, application) not in self._kept:
            self._kept[what, application] = read()
        return self._kept[what, application]

    def answer(self, name: str) -> Any:
        return json.loads((self.answers / f"{name}_expectation.json").read_text())

    def rows(self, table: str, application: str, *, final: str = "FINAL") -> list[Row]:
        query = f"SELECT * FROM {table} {final} WHERE app_id = {{app_id:String}} AND attempt_id = {{attempt_id:String}}"
        return self._once(table, application, lambda: self.store.rows(query, key_of_application(application)))

    def peaks(self, application: str, stage: tuple[int, int]) -> list[Row]:
        return [row for row in self.rows("stage_executor_peaks", application) if key_of(row) == stage]

    def tasks(self, application: str, stage: int, attempt: int = 0) -> list[Row]:
        return [row for row in self.rows("tasks", application) if (row["stage_id"], row["stage_attempt_id"]) == (stage, attempt)]


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    directory = tmp_path_factory.mktemp("oracle")
    unpack_history_server_oracle(directory)
    with open_store(str(directory / "store")) as store:
        writer = Writer(store)
        logs = import_paths([directory / "spark-events"], writer, StoreCatalog(store))
        writer.close()
        assert [log for log in logs if log.skipped or log.bad_lines or log.unknown_events or log.incomplete] == []
        headers = {f"{log.app_id}/{log.attempt_id}".rstrip("/"): read_header(store, log.app_id, log.attempt_id) for log in logs}
        yield Ledger(directory / "HistoryServerExpectations", store, headers)


def test_applications(ledger: Ledger) -> None:
    answered = [(one, attempt) for one in ledger.answer("application_list_json") for attempt in one["attempts"]]
    assert len(ledger.headers) == len(answered)
    for one, attempt in answered:
        name = f"{one['id']}/{attempt.get('attemptId', '')}".rstrip("/")
        header = ledger.headers[name]
        assert (header.name, header.user, header.spark_version, header.ended, header.started_ms, header.ended_ms) == (
            one["name"],
            attempt["sparkUser"],
            attempt["appSparkVersion"],
            attempt["completed"],
            attempt["startTimeEpoch"],
            attempt["endTimeEpoch"],
        ), name
        assert header.end_ms - header.start_ms == attempt["duration"], name


@pytest.mark.parametrize(("name", "application"), STAGES.items())
def test_stages(ledger: Ledger, name: str, application: str) -> None:
    for answer in as_list(ledger.answer(name)):
        known = {*SERVED_OF_STAGE, *SUMMED_OF_STAGE, *LEFT_OUT_OF_STAGE}
        served = next(row for row in ledger.stages(application) if key_of(row) == (answer["stageId"], answer["attemptId"]))
        tasks = ledger.tasks(application, *key_of(served))
        checks: dict[str, Callable[[], Any]] = {
            "status": lambda row=served: "FAILED" if row["failure_reason"] else "COMPLETE",
            "submissionTime": lambda row=served: ms(row["submission_time"]),
            "completionTime": lambda row=served: ms(row["completion_time"]),
            "firstTaskLaunchedTime": lambda rows=tasks: min(ms(row["launch_time"]) for row in rows),
            "failureReason": lambda row=served: row["failure_reason"],
            "numCompletedIndices": lambda rows=tasks: len({row["task_index"] for row in rows if row["status"] == "succeeded"}),
            "killedTasksSummary": lambda rows=tasks: counts(row["error"] for row in rows if row["status"] == "killed"),
            "rddIds": lambda key=key_of(served): sorted(stored_stage(ledger, application, key)["rdd_ids"]),
            "resourceProfileId": lambda key=key_of(served): stored_stage(ledger, application, key)["resource_profile_id"],
            "peakExecutorMetrics": lambda rows=tasks, key=key_of(served): peaks([*rows, *ledger.peaks(application, key)]),
            "description": lambda key=key_of(served): description_of_stage(ledger, application, key[0]),
            "executorSummary": lambda rows=tasks: None,
            "tasks": lambda rows=tasks: None,
            "speculationSummary": lambda rows=tasks: None,
            "taskMetricsDistributions": lambda rows=tasks: None,
        }
        assert set(answer) <= known | set(checks)
        assert {f: served[c] for f, c in SERVED_OF_STAGE.items()} == {f: answer[f] for f in SERVED_OF_STAGE}
        assert {f: sum(row[c] for row in tasks) for f, c in SUMMED_OF_STAGE.items()} == {f: answer[f] for f in SUMMED_OF_STAGE}
        for spark_field, check in checks.items():
            if spark_field in answer and (found := check()) is not None:
                assert found == comparable(spark_field, answer[spark_field]), spark_field
        compare_executors_of_stage(ledger, application, key_of(served), tasks, answer.get("executorSummary", {}))
        for task in answer.get("tasks", {}).values():
            compare_task(tasks, task)
        if "speculationSummary" in answer:
            compare_speculation(tasks, answer["speculationSummary"])
        if "taskMetricsDistributions" in answer:
            compare_quantiles(tasks, answer["taskMetricsDistributions"])


@pytest.mark.parametrize(("name", "stage"), TASK_LISTS.items())
def test_task_lists(ledger: Ledger, name: str, stage: tuple[str, int]) -> None:
    tasks, answer = ledger.tasks(*stage), ledger.answer(name)
    assert answer
    for task in answer:
        compare_task(tasks, task)


@pytest.mark.parametrize(("name", "stage"), SUMMARIES.items())
def test_quantiles(ledger: Ledger, name: str, stage: tuple[str, int]) -> None:
    answer = ledger.answer(name)
    compare_quantiles(ledger.tasks(*stage), answer)
    (served,) = (row["quantiles"] for row in ledger.stages(stage[0]) if row["stage_id"] == stage[1])
    for column, values in (
        ("duration_ms", answer["duration"]),
        ("input_bytes", answer["inputMetrics"]["bytesRead"]),
        ("shuffle_read_bytes", answer["shuffleReadMetrics"]["readBytes"]),
    ):
        at = dict(zip(served["levels"], served[column], strict=True))
        common = {level: value for level, value in zip(answer["quantiles"], values, strict=True) if level in at}
        assert common == {level: at[level] for level in common}
        assert common


@pytest.mark.parametrize(("name", "application"), EXECUTORS.items())
def test_executors(ledger: Ledger, name: str, application: str) -> None:
    answers = ledger.answer(name)
    tasks = ledger.rows("tasks", application)
    stored = ledger.rows("executor_lifetimes", application, final="")
    announced = {row["executor_id"]: row for row in stored}
    for answer in answers:
        own = [row for row in tasks if row["executor_id"] == answer["id"]]
        found = {
            "completedTasks": sum(row["status"] == "succeeded" for row in own),
            "failedTasks": sum(row["status"] == "failed" for row in own),
            "totalTasks": sum(row["status"] != "killed" for row in own),
            "totalInputBytes": sum(row["input_bytes_read"] for row in own),
            "totalShuffleRead": sum(row["shuffle_remote_bytes_read"] + row["shuffle_local_bytes_read"] for row in own),
            "totalShuffleWrite": sum(row["shuffle_bytes_written"] for row in own),
        }
        if answer["id"] != "driver":  # whose duration is the application's, and whose collections are its process's, since Spark 3.0
            found["totalDuration"] = sum(row["duration_ms"] for row in own)
            found["totalGCTime"] = sum(row["jvm_gc_time_ms"] for row in own)
        assert found == {spark_field: answer[spark_field] for spark_field in found}, answer["id"]
        if answer["id"] == "driver":
            continue
        row = announced[answer["id"]]
        assert (row["total_cores"], row["resource_profile_id"]) == (answer["totalCores"], answer["resourceProfileId"])
        assert ms(row["removed_at"]) == ms(answer.get("removeTime"))
        assert row["removed_reason"] == answer.get("removeReason", "")
    facts = ledger.facts(application)
    others = [answer for answer in answers if answer["id"] != "driver"]
    assert facts["executors_added"] == len(others)
    assert facts["executor_cores"] == {str(c): n for c, n in counts(answer["totalCores"] for answer in others).items()}
    assert facts["executors_removed"] == sum(not answer["isActive"] for answer in others)
    assert facts["task_ends"] == sum(answer["totalTasks"] for answer in answers) + facts["tasks_killed"]


def test_peaks_of_executors(ledger: Ledger) -> None:
    application = "application_1553914137147_0018"
    stored = [*ledger.rows("stage_executor_peaks", application), *ledger.rows("tasks", application)]
    for answer in ledger.answer("executor_list_with_executor_metrics_json"):
        assert peaks(row for row in stored if row["executor_id"] == answer["id"]) == answer["peakMemoryMetrics"]


@pytest.mark.parametrize(("name", "application"), JOBS.items())
def test_jobs(ledger: Ledger, name: str, application: str) -> None:
    answers = ledger.answer(name)
    jobs = {row["job_id"]: row for row in ledger.rows("job_runs", application, final="")}
    stages = {row["stage_id"]: row for row in ledger.stages(application)}
    assert sorted(jobs) == sorted(answer["jobId"] for answer in answers)
    for answer in answers:
        job = jobs[answer["jobId"]]
        own = [stages[stage] for stage in job["stage_ids"] if stage in stages]
        assert {
            "status": "SUCCEEDED" if job["result"] == "JobSucceeded" else "FAILED",
            "stageIds": sorted(job["stage_ids"]),
            "name": max(own, key=lambda row: row["stage_id"])["name"],
            "numTasks": sum(row["number_of_tasks"] for row in own),
            "numCompletedTasks": sum(row["tasks_succeeded"] for row in own),
            "numFailedTasks": sum(row["tasks_failed"] for row in own),
            "numKilledTasks": sum(row["tasks_killed"] for row in own),
            "numCompletedStages": sum(not row["failure_reason"] for row in own),
            "numFailedStages": sum(bool(row["failure_reason"]) for row in own),
            "numSkippedStages": len(job["stage_ids"]) - len(own),
        } == {
            **{
                spark_field: answer[spark_field]
                for spark_field in (
                    "status", "name", "numTasks", "numCompletedTasks", "numFailedTasks", "numKilledTasks", "numCompletedStages",
                    "numFailedStages", "numSkippedStages",
                )
            },
            "stageIds": sorted(answer["stageIds"]),
        }  # fmt: skip
    facts = ledger.facts(application)
    assert (facts["jobs"], facts["jobs_failed"]) == (len(answers), sum(answer["status"] == "FAILED" for answer in answers))


def test_resource_profiles(ledger: Ledger) -> None:
    answer = {profile["id"]: profile for profile in ledger.answer("multiple_resource_profiles")["resourceProfiles"]}
    stored = {row["resource_profile_id"]: row for row in ledger.rows("resource_profiles", "application_1578436911597_0052")}
    assert sorted(stored) == sorted(answer)
    for profile_id, profile in answer.items():
        asked = {name: request["amount"] for name, request in profile["executorResources"].items()}
        row = stored[profile_id]
        assert row["executor_cores"] == asked.get("cores", 0)
        assert row["executor_memory_bytes"] == asked.get("memory", 0) << 20
        assert row["task_cpus"] == profile["taskResources"]["cpus"]["amount"]


def compare_task(tasks: Sequence[Row], answer: Row) -> None:
    """A task of Spark's list. A task that ended twice is one task there, with the metrics of an end that has some."""
    (row,) = (row for row in tasks if row["task_id"] == answer["taskId"])
    assert {f: row[c] for f, c in TASK.items()} == {f: answer[f] for f in TASK}
    assert row["status"] == STATUS[answer["status"]]
    assert ms(row["launch_time"]) == ms(answer["launchTime"])
    assert row["error"].split("\n")[0][:100] in answer.get("errorMessage", "").replace("\r", "")
    assert set(answer) <= {*TASK, *LEFT_OUT_OF_TASK, "status", "launchTime", "errorMessage", "schedulerDelay"}
    metrics = flat(answer.get("taskMetrics", {}))
    assert row["has_metrics"] == bool(metrics)
    if metrics:
        assert {f: row[c] for f, c in TASK_METRICS.items()} == metrics


def compare_executors_of_stage(ledger: Ledger, application: str, stage: tuple[int, int], tasks: Sequence[Row], answer: Row) -> None:
    stored_peaks = ledger.peaks(application, stage)
    for executor, summary in answer.items():
        own = [row for row in tasks if row["executor_id"] == executor]
        of_executor = [row for row in (*own, *stored_peaks) if row["executor_id"] == executor]
        found = {
            "taskTime": sum(row["duration_ms"] for row in own),
            "succeededTasks": sum(row["status"] == "succeeded" for row in own),
            "failedTasks": sum(row["status"] == "failed" for row in own),
            "killedTasks": sum(row["status"] == "killed" for row in own),
            "inputBytes": sum(row["input_bytes_read"] for row in own),
            "inputRecords": sum(row["input_records_read"] for row in own),
            "outputBytes": sum(row["output_bytes_written"] for row in own),
            "outputRecords": sum(row["output_records_written"] for row in own),
            "shuffleRead": sum(row["shuffle_remote_bytes_read"] + row["shuffle_local_bytes_read"] for row in own),
            "shuffleReadRecords": sum(row["shuffle_records_read"] for row in own),
            "shuffleWrite": sum(row["shuffle_bytes_written"] for row in own),
            "shuffleWriteRecords": sum(row["shuffle_records_written"] for row in own),
            "memoryBytesSpilled": sum(row["memory_bytes_spilled"] for row in own),
            "diskBytesSpilled": sum(row["disk_bytes_spilled"] for row in own),
        }
        assert found == {f: summary[f] for f in found}, executor
        assert set(summary) <= {*found, "peakMemoryMetrics", "isBlacklistedForStage", "isExcludedForStage"}
        if "peakMemoryMetrics" in summary:
            assert peaks(of_executor) == summary["peakMemoryMetrics"], executor


def compare_speculation(tasks: Sequence[Row], answer: Row) -> None:
    copies = [row for row in tasks if row["speculative"]]
    assert {
        "numTasks": len(copies),
        "numActiveTasks": 0,
        "numCompletedTasks": sum(row["status"] == "succeeded" for row in copies),
        "numFailedTasks": sum(row["status"] == "failed" for row in copies),
        "numKilledTasks": sum(row["status"] == "killed" for row in copies),
    } == answer


def compare_quantiles(tasks: Sequence[Row], answer: Row) -> None:
    """Spark takes the element at floor(n x level) of the sorted values of successful tasks, the last one at level 1."""
    successful = [row for row in tasks if row["status"] == "succeeded"]
    columns = {
        **{f.replace("Metrics.bytesWritten", "Metrics.writeBytes") if "shuffleWrite" in f else f: c for f, c in TASK_METRICS.items()},
        "duration": "duration_ms",
        "gettingResultTime": "getting_result_ms",
        "shuffleReadMetrics.readRecords": "shuffle_records_read",
        "shuffleWriteMetrics.writeRecords": "shuffle_records_written",
    }
    distributions = flat(answer)
    compared = 0
    for name, column in columns.items():
        name = name.replace("shufflePushReadMetrics", "shufflePushReadMetricsDist")
        if name in distributions:
            values = sorted(row[column] for row in successful)
            assert [values[min(int(len(values) * q), len(values) - 1)] for q in answer["quantiles"]] == distributions[name], name
            compared += 1
    derived = {"quantiles", "schedulerDelay", "shuffleReadMetrics.readBytes", "shuffleReadMetrics.totalBlocksFetched"}
    assert compared == len(set(distributions) - derived)


def stored_stage(ledger: Ledger, application: str, key: tuple[int, int]) -> Row:
    return next(row for row in ledger.rows("stages", application) if (row["stage_id"], row["stage_attempt_id"]) == key)


def description_of_stage(ledger: Ledger, application: str, stage: int) -> str:
    """Spark takes it from the properties of the job that submitted the stage, which is the first that lists it."""
    return next(row["description"] for row in ledger.rows("job_runs", application, final="") if stage in row["stage_ids"])


def peaks(rows: Iterable[Row]) -> dict[str, int]:
    """Spark's peaks are the greatest of those of task ends and of stages."""
    kept = list(rows)
    return {name: max((row[column] for row in kept), default=0) for name, column in PEAKS.items()}


def key_of_application(application: str) -> dict[str, str]:
    app_id, _, attempt_id = application.partition("/")
    return {"app_id": app_id, "attempt_id": attempt_id}


def key_of(stage: Row) -> tuple[int, int]:
    return stage["stage_id"], stage["stage_attempt_id"]


def comparable(spark_field: str, value: Any) -> Any:
    if spark_field.endswith("Time"):
        return ms(value)
    return sorted(value) if spark_field == "rddIds" else value[:2000] if isinstance(value, str) else value


def counts(values: Iterable[Any]) -> dict[Any, int]:
    found: dict[Any, int] = {}
    for value in values:
        found[value] = found.get(value, 0) + 1
    return found


def flat(value: Row, prefix: str = "") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, item in value.items():
        found.update(flat(item, f"{prefix}{name}.") if isinstance(item, Mapping) else {prefix + name: item})
    return found


def as_list(answer: Any) -> list[Any]:
    return answer if isinstance(answer, list) else [answer]


def ms(time: str | datetime | None) -> int | None:
    """Unix ms of a time as Spark, the API or the store writes it."""
    if time is None:
        return None
    if isinstance(time, str):
        time = datetime.fromisoformat(time.replace("GMT", "+00:00").replace("Z", "+00:00"))
    return round(time.timestamp() * 1000)
