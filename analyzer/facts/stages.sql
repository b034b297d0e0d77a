-- Stage attempts by the durations of their successful tasks.
-- Parameters: app_id String, attempt_id String.
-- Result: stage, attempt, tasks UInt; name String; median_ms, shuffle_read_median, input_median Float64 (the mean of the middle two where
--   the count is even); p50_spark_ms, p75_ms, p95_ms (the element at floor(n x level), as Spark takes it), max_ms, sum_ms UInt64; shuffle
--   read, input and spill in bytes. One row a stage attempt with a successful task.
SELECT
  ends.stage_id                                                 AS stage,
  ends.stage_attempt_id                                         AS attempt,
  names.name                                                    AS name,
  count()                                                       AS tasks,
  (quantileExactLow(0.5)(duration_ms) + quantileExactHigh(0.5)(duration_ms)) / 2 AS median_ms,
  quantileExact(0.5)(duration_ms)                               AS p50_spark_ms,
  quantileExact(0.75)(duration_ms)                              AS p75_ms,
  quantileExact(0.95)(duration_ms)                              AS p95_ms,
  max(duration_ms)                                              AS max_ms,
  sum(duration_ms)                                              AS sum_ms,
  sum(shuffle_bytes)                                            AS shuffle_read,
  max(shuffle_bytes)                                            AS shuffle_read_max,
  (quantileExactLow(0.5)(shuffle_bytes) + quantileExactHigh(0.5)(shuffle_bytes)) / 2 AS shuffle_read_median,
  sum(input_bytes_read)                                         AS input,
  max(input_bytes_read)                                         AS input_max,
  (quantileExactLow(0.5)(input_bytes_read) + quantileExactHigh(0.5)(input_bytes_read)) / 2 AS input_median,
  sum(memory_bytes_spilled)                                     AS mem_spill,
  sum(disk_bytes_spilled)                                       AS disk_spill
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    duration_ms,
    shuffle_remote_bytes_read + shuffle_local_bytes_read AS shuffle_bytes,
    input_bytes_read,
    memory_bytes_spilled,
    disk_bytes_spilled
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND status = 'succeeded'
) AS ends
LEFT JOIN (
  SELECT stage_id, stage_attempt_id, name
  FROM stages FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
) AS names ON names.stage_id = ends.stage_id AND names.stage_attempt_id = ends.stage_attempt_id
GROUP BY stage, attempt, name
ORDER BY stage, attempt
