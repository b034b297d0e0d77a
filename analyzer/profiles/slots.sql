-- Time that tasks held slots, each task once however often it ended.
-- Parameters: app_id String, attempt_id String.
-- Result: busy_ms, unsuccessful_ms UInt64: all tasks, and those that never succeeded or whose output was lost
--   and computed again. One row.
SELECT
  sum(duration)                                          AS busy_ms,
  sumIf(duration, NOT succeeded OR resubmitted)          AS unsuccessful_ms
FROM (
  SELECT
    task_id,
    max(duration_ms)                                     AS duration,
    countIf(status = 'succeeded') > 0                    AS succeeded,
    countIf(end_reason = 'Resubmitted') > 0              AS resubmitted
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String}
  GROUP BY task_id
)
