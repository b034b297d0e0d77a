-- Time that tasks held slots, each task once however often it ended.
-- Parameters: app_id String, attempt_id String.
-- Result: busy_ms, unsuccessful_ms UInt64: all tasks, and those that never succeeded or whose output was lost
--   and computed again. One row.
WITH
  -- Only a task with an end that is no success may have another.
  again AS (
    SELECT task_id
    FROM tasks
    WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason != 'Success'
  )
SELECT
  sum(duration)                                          AS busy_ms,
  sumIf(duration, NOT succeeded OR resubmitted)          AS unsuccessful_ms
FROM (
  SELECT
    duration_ms                                          AS duration,
    status = 'succeeded'                                 AS succeeded,
    false                                                AS resubmitted
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id NOT IN (SELECT task_id FROM again)
  UNION ALL
  SELECT
    max(duration_ms)                                     AS duration,
    countIf(status = 'succeeded') > 0                    AS succeeded,
    countIf(end_reason = 'Resubmitted') > 0              AS resubmitted
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND task_id IN (SELECT task_id FROM again)
  GROUP BY task_id
)
