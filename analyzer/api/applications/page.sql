-- One page of applications, newest start first.
-- Parameters: team, pipeline, name String ('' for any; name is a part of the name, without regard to case);
--   since_ms, until_ms Int64: start time, Unix ms, until exclusive;
--   after_ms Int64, after_app, after_attempt String: sort key of the last row of the page before; rows UInt32.
-- Result: the columns of application_profiles. At most `rows` rows.
SELECT
  app_id,
  attempt_id,
  name,
  user,
  team,
  team_source,
  pipeline,
  pipeline_source,
  spark_version,
  platform,
  started_at,
  ended_at,
  ended,
  failed,
  wall_ms,
  executors_added,
  executors_peak,
  executors_lost,
  allocated_core_ms,
  busy_core_ms,
  idle_core_ms,
  unsuccessful_core_ms,
  gc_ms,
  fetch_wait_ms,
  cpu_ms,
  allocated_memory_gb_s,
  jobs,
  jobs_failed,
  stage_attempts,
  task_ends,
  tasks_failed,
  tasks_killed,
  input_bytes,
  output_bytes,
  shuffle_read_bytes,
  shuffle_write_bytes,
  disk_spilled_bytes,
  peak_jvm_heap_bytes,
  cost_low_usd,
  cost_usd,
  cost_high_usd,
  cost_target,
  price_book,
  findings,
  highest_severity,
  waste_low_core_s,
  waste_high_core_s,
  waste_low_usd,
  waste_high_usd,
  events,
  dropped_events,
  bad_lines,
  completeness,
  rule_errors,
  analysed_at,
  closed_by_timeout,
  missing_batches
FROM application_profiles FINAL
-- The page is found by its few sort and filter columns; the others are read for its rows only.
WHERE (app_id, attempt_id) IN (
  SELECT app_id, attempt_id
  FROM application_profiles FINAL
  WHERE started_at >= fromUnixTimestamp64Milli({since_ms:Int64}, 'UTC')
    AND started_at < fromUnixTimestamp64Milli({until_ms:Int64}, 'UTC')
    AND ({team:String} = '' OR team = {team:String})
    AND ({pipeline:String} = '' OR pipeline = {pipeline:String})
    AND ({name:String} = '' OR positionCaseInsensitiveUTF8(name, {name:String}) > 0)
    AND (toUnixTimestamp64Milli(started_at), app_id, toString(attempt_id))
      < ({after_ms:Int64}, {after_app:String}, {after_attempt:String})
  ORDER BY started_at DESC, app_id DESC, attempt_id DESC
  LIMIT {rows:UInt32}
)
ORDER BY started_at DESC, app_id DESC, attempt_id DESC
LIMIT {rows:UInt32}
