-- One page of an application's stage attempts, in order of their ids.
-- Parameters: app_id, attempt_id String; after_stage, after_stage_attempt Int64: ids of the last row of the page before, -1 to begin; rows UInt32.
-- Result: the columns of stage_profiles. At most `rows` rows.
SELECT
  stage_id,
  stage_attempt_id,
  name,
  number_of_tasks,
  submission_time,
  completion_time,
  failure_reason,
  sql_execution_id,
  task_ends,
  tasks_succeeded,
  tasks_failed,
  tasks_killed,
  tasks_resubmitted,
  tasks_speculative,
  executors_used,
  duration_ms,
  unsuccessful_duration_ms,
  run_time_ms,
  cpu_time_ns,
  gc_time_ms,
  fetch_wait_time_ms,
  input_bytes,
  input_records,
  output_bytes,
  output_records,
  shuffle_read_bytes,
  shuffle_write_bytes,
  memory_spilled_bytes,
  disk_spilled_bytes,
  peak_execution_memory_bytes,
  peak_jvm_heap_bytes,
  quantile_levels,
  duration_ms_quantiles,
  input_bytes_quantiles,
  shuffle_read_bytes_quantiles,
  duration_ms_histogram
FROM stage_profiles FINAL
WHERE app_id = {app_id:String}
  AND attempt_id = {attempt_id:String}
  AND (toInt64(stage_id), toInt64(stage_attempt_id)) > ({after_stage:Int64}, {after_stage_attempt:Int64})
ORDER BY stage_id, stage_attempt_id
LIMIT {rows:UInt32}
