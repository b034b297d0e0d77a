-- Executors that were removed, with the work that went with them.
-- Parameters: app_id, attempt_id String.
-- Result: executor_id, host, removed_reason String; lost_ms (time of tasks that ended as ExecutorLostFailure), resubmitted_ms (time of finished
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
    sumIf(duration_ms, end_reason = 'ExecutorLostFailure')             AS lost_ms,
    sumIf(duration_ms, end_reason = 'Resubmitted')                     AS resubmitted_ms,
    countIf(end_reason = 'ExecutorLostFailure')                        AS lost_tasks,
    countIf(end_reason = 'Resubmitted')                                AS resubmitted_tasks,
    anyIf(error, end_reason = 'ExecutorLostFailure')                   AS error
  FROM tasks FINAL
  WHERE app_id = {app_id:String} AND attempt_id = {attempt_id:String} AND end_reason IN ('ExecutorLostFailure', 'Resubmitted')
  GROUP BY executor_id
) AS lost ON lost.executor_id = lives.executor_id
ORDER BY lives.executor_id
