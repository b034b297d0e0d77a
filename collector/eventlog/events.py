"""Which events are stored, by which module, and which are known and left."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec

from collector.eventlog import jobs, lifecycle, measurements, sql, stages
from collector.eventlog.identity import ApplicationStart
from collector.eventlog.rows import Rows
from collector.eventlog.values import Adjustments


@dataclass(frozen=True, slots=True)
class Handler:
    """How one kind of event is read and stored."""

    decode: Callable[[bytes], Any]
    rows: Callable[[Any, Adjustments], Rows]


def _handler(event: Any, rows: Callable[[Any, Adjustments], Rows]) -> Handler:
    return Handler(msgspec.json.Decoder(event).decode, rows)


HANDLERS: dict[str, Handler] = {
    "SparkListenerLogStart": _handler(lifecycle.LogStart, lifecycle.log_start),
    "DBCEventLoggingListenerMetadata": _handler(lifecycle.LogStart, lifecycle.log_start),
    "SparkListenerApplicationStart": _handler(ApplicationStart, lifecycle.application_start),
    "SparkListenerApplicationEnd": _handler(lifecycle.ApplicationEnd, lifecycle.application_end),
    "SparkListenerEnvironmentUpdate": _handler(lifecycle.EnvironmentUpdate, lifecycle.environment_update),
    "SparkledgerPlatform": _handler(lifecycle.Platform, lifecycle.platform),
    "SparkledgerStorageIO": _handler(measurements.StorageIO, measurements.storage_io),
    "SparkledgerStageIO": _handler(measurements.StageIO, measurements.stage_io),
    "SparkledgerExecutorSample": _handler(measurements.ExecutorSample, measurements.executor_sample),
    "SparkledgerExecutorPlace": _handler(measurements.ExecutorPlace, measurements.executor_place),
    "SparkListenerExecutorAdded": _handler(lifecycle.ExecutorAdded, lifecycle.executor_added),
    "SparkListenerExecutorRemoved": _handler(lifecycle.ExecutorRemoved, lifecycle.executor_removed),
    "SparkListenerResourceProfileAdded": _handler(lifecycle.ResourceProfileAdded, lifecycle.resource_profile_added),
    "SparkListenerStageExecutorMetrics": _handler(lifecycle.StageExecutorMetrics, lifecycle.stage_executor_metrics),
    "SparkListenerJobStart": _handler(jobs.JobStart, jobs.job_start),
    "SparkListenerJobEnd": _handler(jobs.JobEnd, jobs.job_end),
    "SparkListenerStageSubmitted": _handler(stages.StageEvent, stages.stage_submitted),
    "SparkListenerStageCompleted": _handler(stages.StageEvent, stages.stage_completed),
    "SparkListenerSQLExecutionStart": _handler(sql.SqlExecutionStart, sql.sql_execution_start),
    "SparkListenerSQLExecutionEnd": _handler(sql.SqlExecutionEnd, sql.sql_execution_end),
    "SparkListenerSQLAdaptiveExecutionUpdate": _handler(sql.SqlAdaptiveExecutionUpdate, sql.sql_adaptive_execution_update),
    "SparkListenerSQLAdaptiveSQLMetricUpdates": _handler(sql.SqlAdaptiveMetricUpdates, sql.sql_adaptive_metric_updates),
    "SparkListenerDriverAccumUpdates": _handler(sql.DriverAccumulatorUpdates, sql.driver_accumulator_updates),
}
"""By event name without package."""

IGNORED = frozenset(
    {
        "SparkListenerTaskStart",
        "SparkListenerTaskGettingResult",
        "SparkListenerSpeculativeTaskSubmitted",
        "SparkListenerBlockManagerAdded",
        "SparkListenerBlockManagerRemoved",
        "SparkListenerBlockUpdated",
        "SparkListenerUnpersistRDD",
        "SparkListenerExecutorMetricsUpdate",
        "SparkListenerExecutorBlacklisted",
        "SparkListenerExecutorBlacklistedForStage",
        "SparkListenerExecutorUnblacklisted",
        "SparkListenerExecutorExcluded",
        "SparkListenerExecutorExcludedForStage",
        "SparkListenerExecutorUnexcluded",
        "SparkListenerNodeBlacklisted",
        "SparkListenerNodeBlacklistedForStage",
        "SparkListenerNodeUnblacklisted",
        "SparkListenerNodeExcluded",
        "SparkListenerNodeExcludedForStage",
        "SparkListenerNodeUnexcluded",
        "SparkListenerUnschedulableTaskSetAdded",
        "SparkListenerUnschedulableTaskSetRemoved",
        "SparkListenerMiscellaneousProcessAdded",
        "SparkListenerQueryExecutionMetrics",
        "SparkListenerEffectiveSQLConf",
        "StreamingQueryListener$QueryStarted",
        "StreamingQueryListener$QueryProgress",
        "StreamingQueryListener$QueryTerminated",
        "StreamingQueryListener$QueryStartedEvent",
        "StreamingQueryListener$QueryProgressEvent",
        "StreamingQueryListener$QueryIdleEvent",
        "StreamingQueryListener$QueryTerminatedEvent",
        "SparkListenerConnectServiceStarted",
        "SparkListenerConnectServiceEnd",
        "SparkListenerConnectSessionStarted",
        "SparkListenerConnectSessionClosed",
        "SparkListenerConnectOperationStarted",
        "SparkListenerConnectOperationAnalyzed",
        "SparkListenerConnectOperationReadyForExecution",
        "SparkListenerConnectOperationCanceled",
        "SparkListenerConnectOperationFailed",
        "SparkListenerConnectOperationFinished",
        "SparkListenerConnectOperationClosed",
        "SparkListenerThriftServerSessionCreated",
        "SparkListenerThriftServerSessionClosed",
        "SparkListenerThriftServerOperationStart",
        "SparkListenerThriftServerOperationParsed",
        "SparkListenerThriftServerOperationCanceled",
        "SparkListenerThriftServerOperationTimeout",
        "SparkListenerThriftServerOperationError",
        "SparkListenerThriftServerOperationFinish",
        "SparkListenerThriftServerOperationClosed",
        "SparkListenerSQLExecutionObfuscatedInfo",
        "SparkRapidsBuildInfoEvent",
        "SparkRapidsShuffleDiskSavingsEvent",
    }
)
"""Events of Spark, of EMR and of the RAPIDS accelerator that no table holds."""
