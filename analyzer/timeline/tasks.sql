-- Every task end of an application with the times and sizes that explain where its slot's time went.
-- Parameters: app_id String, attempt_id String.
-- Result: stage_id, stage_attempt_id UInt32; task_id UInt64; executor_id String; launched_ms, duration_ms Int64 (Unix ms, ms);
--   ending UInt8 (0 succeeded, 1 failed, 2 killed, 3 resubmitted); speculative, has_metrics UInt8; task_attempt, task_index UInt32;
--   partition_id Int32 (-1 where not reported); run_ms, cpu_ms (rounded), gc_ms, fetch_wait_ms, spilled_bytes, moved_bytes Int64
--   (input + output + shuffle written). A row a task end.
SELECT
  stage_id,
  stage_attempt_id,
  task_id,
  executor_id,
  toUnixTimestamp64Milli(launch_time)                                                AS launched_ms,
  toInt64(duration_ms)                                                               AS duration_ms,
  toUInt8(multiIf(end_reason = 'Resubmitted', 3, status = 'succeeded', 0, status = 'killed', 2, 1)) AS ending,
  toUInt8(speculative)                                                               AS speculative,
  toUInt8(has_metrics)                                                               AS has_metrics,
  task_attempt,
  task_index,
  partition_id,
  toInt64(executor_run_time_ms)                                                      AS run_ms,
  toInt64(intDiv(executor_cpu_time_ns + 500000, 1000000))                            AS cpu_ms,
  toInt64(jvm_gc_time_ms)                                                            AS gc_ms,
  toInt64(shuffle_fetch_wait_time_ms)                                                AS fetch_wait_ms,
  toInt64(disk_bytes_spilled)                                                        AS spilled_bytes,
  toInt64(input_bytes_read + output_bytes_written + shuffle_bytes_written)           AS moved_bytes
FROM tasks FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
