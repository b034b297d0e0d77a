-- Stage attempts that spilled to disk.
-- Parameters: app_id, attempt_id String; min_spilled_bytes Float64.
-- Result: stage_id, stage_attempt_id; stage_name; tasks, spilling_tasks UInt64; disk_bytes, memory_bytes (spilled), read_bytes (input + shuffle read),
--   largest_spill_bytes UInt64; task_ms UInt64; sql_execution_id Int64 (-1 for none). All task ends. 200 at most.
WITH spilling AS (
  SELECT stage_id, stage_attempt_id, name, sql_execution_id
  FROM stage_profiles FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND disk_spilled_bytes >= {min_spilled_bytes:Float64}
)
SELECT
  ends.stage_id                                                  AS stage_id,
  ends.stage_attempt_id                                          AS stage_attempt_id,
  any(profiles.name)                                             AS stage_name,
  count()                                                        AS tasks,
  countIf(disk_bytes_spilled > 0)                                AS spilling_tasks,
  sum(disk_bytes_spilled)                                        AS disk_bytes,
  sum(memory_bytes_spilled)                                      AS memory_bytes,
  sum(input_bytes_read + shuffle_remote_bytes_read + shuffle_local_bytes_read) AS read_bytes,
  max(disk_bytes_spilled)                                        AS largest_spill_bytes,
  sum(ends.duration_ms)                                          AS task_ms,
  any(profiles.sql_execution_id)                                 AS sql_execution_id
FROM (
  SELECT
    stage_id,
    stage_attempt_id,
    duration_ms,
    disk_bytes_spilled,
    memory_bytes_spilled,
    input_bytes_read,
    shuffle_remote_bytes_read,
    shuffle_local_bytes_read
  FROM tasks FINAL
  WHERE app_id = {app_id:String}
    AND attempt_id = {attempt_id:String}
    AND (stage_id, stage_attempt_id) IN (SELECT stage_id, stage_attempt_id FROM spilling)
) AS ends
INNER JOIN spilling AS profiles ON profiles.stage_id = ends.stage_id AND profiles.stage_attempt_id = ends.stage_attempt_id
GROUP BY stage_id, stage_attempt_id
ORDER BY disk_bytes DESC, stage_id, stage_attempt_id
LIMIT 200
