"""Fields of the History Server's REST API, by their Spark name, beside the column that stores each or the field that the API serves."""

from __future__ import annotations

from collector.eventlog.fields import EXECUTOR_METRICS

PEAKS = {metric.path[-1]: metric.column for metric in EXECUTOR_METRICS}

# By Spark's field, what GET /applications/{app_id}/stages serves.
SERVED_OF_STAGE = {
    "stageId": "stage_id",
    "attemptId": "stage_attempt_id",
    "name": "name",
    "numTasks": "number_of_tasks",
    "numCompleteTasks": "tasks_succeeded",
    "numFailedTasks": "tasks_failed",
    "numKilledTasks": "tasks_killed",
    "executorRunTime": "run_time_ms",
    "executorCpuTime": "cpu_time_ns",
    "jvmGcTime": "gc_time_ms",
    "shuffleFetchWaitTime": "fetch_wait_time_ms",
    "inputBytes": "input_bytes",
    "inputRecords": "input_records",
    "outputBytes": "output_bytes",
    "outputRecords": "output_records",
    "shuffleReadBytes": "shuffle_read_bytes",
    "shuffleWriteBytes": "shuffle_write_bytes",
    "memoryBytesSpilled": "memory_spilled_bytes",
    "diskBytesSpilled": "disk_spilled_bytes",
}
# By Spark's field, the column of stored task ends that it sums.
SUMMED_OF_STAGE = {
    "executorDeserializeTime": "executor_deserialize_time_ms",
    "executorDeserializeCpuTime": "executor_deserialize_cpu_time_ns",
    "resultSize": "result_size_bytes",
    "resultSerializationTime": "result_serialization_time_ms",
    "peakExecutionMemory": "peak_execution_memory_bytes",
    "shuffleRemoteBlocksFetched": "shuffle_remote_blocks_fetched",
    "shuffleLocalBlocksFetched": "shuffle_local_blocks_fetched",
    "shuffleRemoteBytesRead": "shuffle_remote_bytes_read",
    "shuffleRemoteBytesReadToDisk": "shuffle_remote_bytes_read_to_disk",
    "shuffleLocalBytesRead": "shuffle_local_bytes_read",
    "shuffleReadRecords": "shuffle_records_read",
    "shuffleRemoteReqsDuration": "shuffle_remote_requests_duration_ms",
    "shuffleWriteTime": "shuffle_write_time_ns",
    "shuffleWriteRecords": "shuffle_records_written",
    "shuffleCorruptMergedBlockChunks": "shuffle_corrupt_merged_block_chunks",
    "shuffleMergedFetchFallbackCount": "shuffle_merged_fetch_fallback_count",
    "shuffleMergedLocalBlocksFetched": "shuffle_merged_local_blocks_fetched",
    "shuffleMergedLocalBytesRead": "shuffle_merged_local_bytes_read",
    "shuffleMergedLocalChunksFetched": "shuffle_merged_local_chunks_fetched",
    "shuffleMergedRemoteBlocksFetched": "shuffle_merged_remote_blocks_fetched",
    "shuffleMergedRemoteBytesRead": "shuffle_merged_remote_bytes_read",
    "shuffleMergedRemoteChunksFetched": "shuffle_merged_remote_chunks_fetched",
    "shuffleMergedRemoteReqsDuration": "shuffle_merged_remote_requests_duration_ms",
}
# Of tasks alive at the moment, of push-based shuffle's setting, or that the store does not keep: call sites, pools, user accumulators.
LEFT_OUT_OF_STAGE = {
    "numActiveTasks", "details", "schedulingPool", "accumulatorUpdates", "isShufflePushEnabled", "shuffleMergersCount",
    "executorMetricsDistributions",
}  # fmt: skip

TASK = {
    "taskId": "task_id",
    "index": "task_index",
    "attempt": "task_attempt",
    "partitionId": "partition_id",
    "executorId": "executor_id",
    "host": "host",
    "taskLocality": "locality",
    "speculative": "speculative",
    "duration": "duration_ms",
    "gettingResultTime": "getting_result_ms",
}
TASK_METRICS = {
    "executorDeserializeTime": "executor_deserialize_time_ms",
    "executorDeserializeCpuTime": "executor_deserialize_cpu_time_ns",
    "executorRunTime": "executor_run_time_ms",
    "executorCpuTime": "executor_cpu_time_ns",
    "resultSize": "result_size_bytes",
    "jvmGcTime": "jvm_gc_time_ms",
    "resultSerializationTime": "result_serialization_time_ms",
    "memoryBytesSpilled": "memory_bytes_spilled",
    "diskBytesSpilled": "disk_bytes_spilled",
    "peakExecutionMemory": "peak_execution_memory_bytes",
    "inputMetrics.bytesRead": "input_bytes_read",
    "inputMetrics.recordsRead": "input_records_read",
    "outputMetrics.bytesWritten": "output_bytes_written",
    "outputMetrics.recordsWritten": "output_records_written",
    "shuffleReadMetrics.remoteBlocksFetched": "shuffle_remote_blocks_fetched",
    "shuffleReadMetrics.localBlocksFetched": "shuffle_local_blocks_fetched",
    "shuffleReadMetrics.fetchWaitTime": "shuffle_fetch_wait_time_ms",
    "shuffleReadMetrics.remoteBytesRead": "shuffle_remote_bytes_read",
    "shuffleReadMetrics.remoteBytesReadToDisk": "shuffle_remote_bytes_read_to_disk",
    "shuffleReadMetrics.localBytesRead": "shuffle_local_bytes_read",
    "shuffleReadMetrics.recordsRead": "shuffle_records_read",
    "shuffleReadMetrics.remoteReqsDuration": "shuffle_remote_requests_duration_ms",
    "shuffleWriteMetrics.bytesWritten": "shuffle_bytes_written",
    "shuffleWriteMetrics.writeTime": "shuffle_write_time_ns",
    "shuffleWriteMetrics.recordsWritten": "shuffle_records_written",
    "shuffleReadMetrics.shufflePushReadMetrics.corruptMergedBlockChunks": "shuffle_corrupt_merged_block_chunks",
    "shuffleReadMetrics.shufflePushReadMetrics.mergedFetchFallbackCount": "shuffle_merged_fetch_fallback_count",
    "shuffleReadMetrics.shufflePushReadMetrics.localMergedBlocksFetched": "shuffle_merged_local_blocks_fetched",
    "shuffleReadMetrics.shufflePushReadMetrics.localMergedBytesRead": "shuffle_merged_local_bytes_read",
    "shuffleReadMetrics.shufflePushReadMetrics.localMergedChunksFetched": "shuffle_merged_local_chunks_fetched",
    "shuffleReadMetrics.shufflePushReadMetrics.remoteMergedBlocksFetched": "shuffle_merged_remote_blocks_fetched",
    "shuffleReadMetrics.shufflePushReadMetrics.remoteMergedBytesRead": "shuffle_merged_remote_bytes_read",
    "shuffleReadMetrics.shufflePushReadMetrics.remoteMergedChunksFetched": "shuffle_merged_remote_chunks_fetched",
    "shuffleReadMetrics.shufflePushReadMetrics.remoteMergedReqsDuration": "shuffle_merged_remote_requests_duration_ms",
}
LEFT_OUT_OF_TASK = {"accumulatorUpdates", "executorLogs", "taskMetrics", "resultFetchStart"}
STATUS = {"SUCCESS": "succeeded", "FAILED": "failed", "KILLED": "killed"}
