-- Executors that were removed, with the work that went with them.
-- Parameters: app_id, attempt_id String.
-- Result: executor_id, host, removed_reason String; lost_ms (time of tasks that ended as ExecutorLostFailure and in no success), resubmitted_ms (time of finished
--   tasks whose output went with the executor) UInt64; lost_tasks, resubmitted_tasks UInt64; error String (one of the former).
--   One row an executor with a removal.
SELECT
  lives.executor_id                                                    AS executor_id,
  lives.host                                                           AS host,
  lives.removed_reason                                                 AS removed_reason,
  lost.lost_ms                                                         AS lost_ms,
  lost.resubmitted_ms                                                  AS resubmitted_ms,
  lost.lost_tasks                                                      AS lost_tasks,
  lost.resubmitted_tasks                                               AS resubmitted_tasks,
  lost.error                                                           AS error
FROM (
  SELECT executor_id, host, removed_reason
  FROM executor_lifetimes
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND removed_at IS NOT NULL AND executor_id != 'driver'
) AS lives
LEFT JOIN (
  SELECT
    executor_id,
    sumIf(duration, failed AND NOT succeeded)                          AS lost_ms,
    sumIf(duration, resubmitted)                                       AS resubmitted_ms,
    countIf(failed AND NOT succeeded)                                  AS lost_tasks,
    countIf(resubmitted)                                               AS resubmitted_tasks,
    anyIf(message, failed AND NOT succeeded)                           AS error
  FROM (
    SELECT
      executor_id,
      task_id,
      max(duration_ms)                                                 AS duration,
      countIf(end_reason = 'ExecutorLostFailure') > 0                  AS failed,
      countIf(end_reason = 'Resubmitted') > 0                          AS resubmitted,
      countIf(status = 'succeeded') > 0                                AS succeeded,
      anyIf(ends.error, end_reason = 'ExecutorLostFailure')            AS message
    FROM tasks AS ends FINAL
    WHERE app_id = {app_id:String}
      AND attempt_id = {attempt_id:String}
      AND task_id IN (
        SELECT task_id
        FROM tasks
        WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason IN ('ExecutorLostFailure', 'Resubmitted')
      )
    GROUP BY executor_id, task_id
  )
  GROUP BY executor_id
) AS lost ON lost.executor_id = lives.executor_id
ORDER BY lives.executor_id
