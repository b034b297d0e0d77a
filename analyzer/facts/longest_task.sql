-- The task end with the longest duration; the earliest launch, then the lowest id, where several share it.
-- Parameters: app_id String, attempt_id String, successful_only Bool.
-- Result: ms, launch, finish (Unix ms), stage, attempt, task, executor, reason. One row, none without a task end.
SELECT
  duration_ms                                                   AS ms,
  stage_id                                                      AS stage,
  stage_attempt_id                                              AS attempt,
  task_id                                                       AS task,
  toString(executor_id)                                         AS executor,
  toString(end_reason)                                          AS reason,
  toUnixTimestamp64Milli(launch_time)                           AS launch,
  toUnixTimestamp64Milli(launch_time) + toInt64(duration_ms)    AS finish
FROM tasks FINAL
WHERE app_id = {app_id:String}
  AND attempt_id = {attempt_id:String}
  AND (status = 'succeeded' OR NOT {successful_only:Bool})
ORDER BY ms DESC, launch, task
LIMIT 1
