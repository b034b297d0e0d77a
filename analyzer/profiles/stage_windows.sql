-- When stage attempts had tasks.
-- Parameters: app_id, attempt_id String.
-- Result: first_launch_ms, last_finish_ms Int64 (Unix ms). One row a stage attempt, the earliest first; 100,000 at most.
SELECT
  toUnixTimestamp64Milli(min(launch_time))                              AS first_launch_ms,
  max(toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms))       AS last_finish_ms
FROM tasks FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
GROUP BY stage_id, stage_attempt_id
ORDER BY first_launch_ms, last_finish_ms
LIMIT 100000
