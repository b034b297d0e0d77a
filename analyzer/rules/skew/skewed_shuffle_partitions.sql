-- Stage attempts with one shuffle partition far larger than the rest, and what its task paid for it.
-- Parameters: app_id, attempt_id String; min_partition_bytes, min_ratio Float64.
-- Result: stage_id, stage_attempt_id; stage_name; sql_execution_id Int64 (-1 for none); tasks; median_bytes, largest_bytes, total_bytes UInt64 of shuffle read; of the task with most bytes:
--   largest_duration_ms, largest_spilled_bytes, largest_gc_ms; median_duration_ms. Successful tasks only. 200 at most.
WITH
  candidates AS (
    SELECT stage_id, stage_attempt_id, name, sql_execution_id
    FROM stage_profiles FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND tasks_succeeded > 1
      AND shuffle_read_bytes_quantiles[8] >= {min_partition_bytes:Float64}
      AND shuffle_read_bytes_quantiles[8] > {min_ratio:Float64} * shuffle_read_bytes_quantiles[4]
  )
SELECT
  ends.stage_id                                                  AS stage_id,
  ends.stage_attempt_id                                          AS stage_attempt_id,
  any(candidates.name)                                           AS stage_name,
  any(candidates.sql_execution_id)                               AS sql_execution_id,
  count()                                                        AS tasks,
  quantileExact(0.5)(bytes_read)                                 AS median_bytes,
  max(bytes_read)                                                AS largest_bytes,
  sum(bytes_read)                                                AS total_bytes,
  argMax(duration_ms, (bytes_read, duration_ms))                 AS largest_duration_ms,
  argMax(disk_bytes_spilled, (bytes_read, duration_ms))          AS largest_spilled_bytes,
  argMax(jvm_gc_time_ms, (bytes_read, duration_ms))              AS largest_gc_ms,
  quantileExact(0.5)(duration_ms)                                AS median_duration_ms
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    shuffle_remote_bytes_read + shuffle_local_bytes_read AS bytes_read,
    duration_ms,
    disk_bytes_spilled,
    jvm_gc_time_ms
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND status = 'succeeded'
) AS ends
INNER JOIN candidates ON candidates.stage_id = ends.stage_id AND candidates.stage_attempt_id = ends.stage_attempt_id
GROUP BY stage_id, stage_attempt_id
ORDER BY largest_bytes DESC, stage_id, stage_attempt_id
LIMIT 200
