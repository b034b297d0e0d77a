-- When stage attempts had tasks, as their profiles have it.
-- Parameters: app_id, attempt_id String.
-- Result: first_launch_ms, last_finish_ms Int64 (Unix ms). One row a stage attempt, the earliest first; 100,000 at most.
SELECT
  toUnixTimestamp64Milli(assumeNotNull(first_launch_time))              AS first_launch_ms,
  toUnixTimestamp64Milli(assumeNotNull(last_finish_time))               AS last_finish_ms
FROM stage_profiles FINAL
WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_ends > 0
ORDER BY first_launch_ms, last_finish_ms
LIMIT 100000
