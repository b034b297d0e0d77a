-- Stage attempts with one shuffle partition far larger than the rest, and what its task paid for it.
-- Parameters: app_id, attempt_id String; min_partition_bytes, min_ratio Float64.
-- Result: stage_id, stage_attempt_id; stage_name; sql_execution_id Int64 (-1 for none); tasks; median_bytes, largest_bytes, total_bytes UInt64 of shuffle read; of the task with most bytes:
--   largest_duration_ms, largest_spilled_bytes, largest_gc_ms; median_duration_ms. Successful tasks only. 200 at most.
WITH
  candidates AS (
    SELECT
      stage_id,
      stage_attempt_id,
      name,
      sql_execution_id,
      tasks_succeeded,
      duration_ms_quantiles[4]        AS median_duration_ms,
      shuffle_read_bytes_quantiles[4] AS median_bytes,
      shuffle_read_bytes_quantiles[8] AS largest_bytes
    FROM stage_profiles FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND tasks_succeeded > 1
      AND largest_bytes >= {min_partition_bytes:Float64}
      AND largest_bytes > {min_ratio:Float64} * median_bytes
  )
SELECT
  candidates.stage_id                                            AS stage_id,
  candidates.stage_attempt_id                                    AS stage_attempt_id,
  candidates.name                                                AS stage_name,
  candidates.sql_execution_id                                    AS sql_execution_id,
  candidates.tasks_succeeded                                     AS tasks,
  candidates.median_bytes                                        AS median_bytes,
  candidates.largest_bytes                                       AS largest_bytes,
  ends.total_bytes                                               AS total_bytes,
  ends.largest.2                                                 AS largest_duration_ms,
  ends.largest.3                                                 AS largest_spilled_bytes,
  ends.largest.4                                                 AS largest_gc_ms,
  candidates.median_duration_ms                                  AS median_duration_ms
FROM candidates
INNER JOIN (
  SELECT
    stage_id,
    stage_attempt_id,
    sum(bytes_read)                                              AS total_bytes,
    max((bytes_read, duration_ms, disk_bytes_spilled, jvm_gc_time_ms)) AS largest
  FROM (
    SELECT
      stage_id,
      stage_attempt_id,
      shuffle_remote_bytes_read + shuffle_local_bytes_read       AS bytes_read,
      duration_ms,
      disk_bytes_spilled,
      jvm_gc_time_ms
    FROM tasks FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND status = 'succeeded'
      AND (stage_id, stage_attempt_id) IN (SELECT stage_id, stage_attempt_id FROM candidates)
  )
  GROUP BY stage_id, stage_attempt_id
) AS ends ON ends.stage_id = candidates.stage_id AND ends.stage_attempt_id = candidates.stage_attempt_id
ORDER BY largest_bytes DESC, stage_id, stage_attempt_id
LIMIT 200
